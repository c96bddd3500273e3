import { describeSchedules } from './aggregation-schedules.ts'

describeSchedules(40)
