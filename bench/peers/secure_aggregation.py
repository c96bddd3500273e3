"""A round of Flower's SecAgg+, out of the functions that its client and its workflow call and in their order, once for each line
of the standard input. Messages, and the states that Flower saves between them, are left out: only the functions are timed.

Usage: secure_aggregation.py SITES LENGTH THRESHOLD CLIP
"""

import json
import os
import sys
import time
from importlib.metadata import version

import numpy as np
from flwr.common import bytes_to_ndarray, ndarray_to_bytes
from flwr.common.secure_aggregation.crypto.shamir import combine_shares, create_shares
from flwr.common.secure_aggregation.crypto.symmetric_encryption import decrypt, encrypt, generate_shared_key
from flwr.common.secure_aggregation.ndarrays_arithmetic import (
    factor_combine,
    factor_extract,
    get_parameters_shape,
    parameters_addition,
    parameters_mod,
    parameters_multiply,
    parameters_subtraction,
)
from flwr.common.secure_aggregation.quantization import dequantize, quantize
from flwr.common.secure_aggregation.secaggplus_utils import (
    pseudo_rand_gen,
    share_keys_plaintext_concat,
    share_keys_plaintext_separate,
)
from flwr.supercore.primitives.asymmetric import (
    bytes_to_private_key,
    bytes_to_public_key,
    generate_key_pairs,
    private_key_to_bytes,
    public_key_to_bytes,
)

SITES, LENGTH, THRESHOLD = (int(argument) for argument in sys.argv[1:4])
CLIP = float(sys.argv[4])
# The workflow's own defaults.
TARGET_RANGE = 2**22
MODULUS = 2**32


class Site:
    def __init__(self, number):
        self.number = number

    def set_up(self):
        mask_key, mask_public = generate_key_pairs()
        share_key, share_public = generate_key_pairs()
        self.mask_key, self.share_key = private_key_to_bytes(mask_key), private_key_to_bytes(share_key)
        self.public = (public_key_to_bytes(mask_public), public_key_to_bytes(share_public))
        return self.public

    def share_keys(self, public_keys):
        self.public_keys = public_keys
        self.seed = os.urandom(32)
        seed_shares = create_shares(self.seed, THRESHOLD, SITES)
        key_shares = create_shares(self.mask_key, THRESHOLD, SITES)
        self.seed_shares, self.secrets, sealed = {self.number: seed_shares[self.number]}, {}, {}
        for other, (_, public) in public_keys.items():
            if other == self.number:
                continue
            secret = generate_shared_key(bytes_to_private_key(self.share_key), bytes_to_public_key(public))
            self.secrets[other] = secret
            text = share_keys_plaintext_concat(self.number, other, seed_shares[other], key_shares[other])
            sealed[other] = encrypt(secret, text)
        return sealed

    def mask(self, sealed, parameters):
        for other, text in sealed.items():
            _, _, seed_share, _ = share_keys_plaintext_separate(decrypt(self.secrets[other], text))
            self.seed_shares[other] = seed_share
        quantized = quantize(parameters_multiply(parameters, 1.0), CLIP, TARGET_RANGE)
        vector = factor_combine(TARGET_RANGE, quantized)
        shapes = get_parameters_shape(vector)
        vector = parameters_addition(vector, pseudo_rand_gen(self.seed, MODULUS, shapes))
        for other in sealed:
            secret = generate_shared_key(bytes_to_private_key(self.mask_key), bytes_to_public_key(self.public_keys[other][0]))
            pairwise = pseudo_rand_gen(secret, MODULUS, shapes)
            combine = parameters_addition if self.number > other else parameters_subtraction
            vector = combine(vector, pairwise)
        return [ndarray_to_bytes(one) for one in parameters_mod(vector, MODULUS)]


def add_up(masked):
    total = None
    for texts in masked:
        vector = [bytes_to_ndarray(text) for text in texts]
        total = vector if total is None else parameters_addition(total, vector)
    return parameters_mod(total, MODULUS)


def unmask(total, shares):
    for of_one in shares:
        seed = combine_shares(of_one)
        total = parameters_subtraction(total, pseudo_rand_gen(seed, MODULUS, get_parameters_shape(total)))
    factor, total = factor_extract(parameters_mod(total, MODULUS))
    (mean,) = dequantize(total, CLIP, TARGET_RANGE)
    mean += -(SITES - 1) * CLIP
    mean *= TARGET_RANGE / factor
    return mean


def clocked(spent, who, work, *arguments):
    start = time.perf_counter()
    result = work(*arguments)
    spent[who] += (time.perf_counter() - start) * 1000
    return result


def run_round(parameters):
    spent = {"site": 0.0, "coordinator": 0.0}
    sites = [Site(number) for number in range(SITES)]
    public_keys = {site.number: clocked(spent, "site", site.set_up) for site in sites}
    sealed = {site.number: clocked(spent, "site", site.share_keys, public_keys) for site in sites}
    masked = []
    for site in sites:
        for_it = {other: sealed[other][site.number] for other in sealed if other != site.number}
        masked.append(clocked(spent, "site", site.mask, for_it, parameters))
    total = clocked(spent, "coordinator", add_up, masked)
    shares = [[site.seed_shares[number] for site in sites] for number in range(SITES)]
    mean = clocked(spent, "coordinator", unmask, total, shares)
    if not np.allclose(mean, parameters[0], atol=2 * CLIP / TARGET_RANGE):
        raise ValueError("the sum is wrong")
    upload = sum(len(text) for text in masked[0])
    return {"siteMs": spent["site"] / SITES, "coordinatorMs": spent["coordinator"], "uploadBytes": upload, "version": version("flwr")}


def main():
    parameters = [np.sin(np.arange(LENGTH)).astype(np.float32)]
    print("{}", flush=True)
    for _ in sys.stdin:
        print(json.dumps(run_round(parameters)), flush=True)


main()
