#!/usr/bin/env node
'use strict'
require('../../../scripts/launch.cjs').run(process.argv.slice(2))
