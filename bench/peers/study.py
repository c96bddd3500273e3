"""Flower's simulation of a masked logistic study, once for each line of the standard input: its engine, federated averaging and SecAgg+,
over the rows of `study.bench.ts` and with as many rounds. Averaging only comes near the coefficients, which is not asked of it here.

Usage: study.py ROUNDS FILE...
"""

import json
import logging
import sys
import time
import warnings
from importlib.metadata import version

import numpy as np
import ray
from flwr.client import ClientApp, NumPyClient
from flwr.client.mod import secaggplus_mod
from flwr.common import Context, ndarrays_to_parameters
from flwr.server import LegacyContext, ServerApp, ServerConfig
from flwr.server.strategy import FedAvg
from flwr.server.workflow import DefaultWorkflow, SecAggPlusWorkflow
from flwr.simulation import run_simulation

ROUNDS = int(sys.argv[1])
FILES = sys.argv[2:]
LOCAL_STEPS = 20
LEARNING_RATE = 0.5


class Site(NumPyClient):
    def __init__(self, file):
        table = np.loadtxt(file, delimiter=",", skiprows=1)
        self.x, self.y = np.c_[np.ones(len(table)), table[:, :-1]], table[:, -1]

    def fit(self, parameters, config):
        coefficients = parameters[0].copy()
        for _ in range(LOCAL_STEPS):
            expected = 1 / (1 + np.exp(-self.x @ coefficients))
            coefficients += LEARNING_RATE * self.x.T @ (self.y - expected) / len(self.y)
        return [coefficients], len(self.y), {}


def site_of(context: Context):
    return Site(FILES[int(context.node_config["partition-id"])]).to_client()


def run_study(columns):
    client = ClientApp(client_fn=site_of, mods=[secaggplus_mod])
    server = ServerApp()

    @server.main()
    def main(grid, context):
        strategy = FedAvg(
            fraction_evaluate=0.0,
            min_fit_clients=len(FILES),
            min_available_clients=len(FILES),
            initial_parameters=ndarrays_to_parameters([np.zeros(columns)]),
        )
        study = LegacyContext(context=context, config=ServerConfig(num_rounds=ROUNDS), strategy=strategy)
        # As many shares as sites, of which two thirds and one more give a secret back.
        masked = SecAggPlusWorkflow(num_shares=len(FILES), reconstruction_threshold=2 * len(FILES) // 3 + 1)
        DefaultWorkflow(fit_workflow=masked)(grid, study)

    quiet = {"logging_level": logging.ERROR, "log_to_driver": False}
    run_simulation(server, client, num_supernodes=len(FILES), backend_config={"init_args": quiet})
    ray.shutdown()


def main():
    warnings.simplefilter("ignore")
    for name in ("flwr", "ray"):
        logging.getLogger(name).setLevel(logging.ERROR)
    columns = Site(FILES[0]).x.shape[1]
    print("{}", flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        run_study(columns)
        print(json.dumps({"ms": (time.perf_counter() - start) * 1000, "version": version("flwr")}), flush=True)


main()
