#!/usr/bin/python3
"""Stores events with Elastic's own Python client, as a hand-written exporter would: helpers.bulk over dictionaries.

Usage: send-with-elasticsearch-py.py URL DOCUMENTS BATCH
Prints seconds, processor seconds and bytes of memory at most.
"""
import json
import resource
import sys
import time
import warnings

warnings.simplefilter("ignore")

from elasticsearch import Elasticsearch, helpers  # noqa: E402

url, documents, batch = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


def actions():
    for number in range(documents):
        gpu, node, month = number % 8, number % 1000, 9 + number % 3
        yield {
            "_op_type": "create",
            "_index": f"logs-gpu.python-default-2026.{month:02}-000001",
            "_id": f"python-{number:08}",
            "@timestamp": f"2026-{month:02}-15T10:{number // 60 % 60:02}:{number % 60:02}.000Z",
            "ecs": {"version": "9.4.0"},
            "message": f"GPU {gpu} of node-{node}: XID 79, the GPU has fallen off the bus.",
            "event": {"kind": "event", "category": ["driver"], "type": ["error"], "action": "xid", "code": "79", "provider": "NVRM",
                      "module": "gpu", "dataset": "gpu.event", "severity": 2, "sequence": number},
            "log": {"level": "critical"},
            "host": {"name": f"node-{node}", "boot": {"id": "5f0c9f3e-8a5d-4b0e-9f55-3a1c7f4f2b11"}},
            "device": {"id": f"GPU-6d2a9bb5-1f0c-3d0e-8b5a-{number % 8000:012}", "serial_number": str(1650000000000 + number % 8000),
                       "model": {"name": "NVIDIA H100 80GB HBM3"}, "manufacturer": "NVIDIA", "type": "gpu"},
            "gpu": {"index": gpu, "pci": {"bus_id": "0000:1b:00.0"},
                    "xid": {"code": 79, "mnemonic": "GPU_HAS_FALLEN_OFF_THE_BUS", "bucket": "RESTART_BM"}},
            "data_stream": {"type": "logs", "dataset": "gpu.event", "namespace": "default"},
        }


client = Elasticsearch(url, timeout=60, http_compress=True)
# OpenSearch lacks the header by which this client knows Elasticsearch; what is measured is the same.
client.transport._verified_elasticsearch = True
began = time.monotonic()
stored, errors = helpers.bulk(client, actions(), chunk_size=batch, raise_on_error=False)
seconds = time.monotonic() - began
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"documents": stored, "errors": len(errors), "seconds": seconds, "cpu_seconds": used.ru_utime + used.ru_stime, "peak_bytes": used.ru_maxrss * 1024}))
