"""Asks every GPU for 15 values ten times a second through pynvml: what a hand-written monitor costs."""
import time

import pynvml

pynvml.nvmlInit()
handles = [pynvml.nvmlDeviceGetHandleByIndex(index) for index in range(pynvml.nvmlDeviceGetCount())]
turn = time.monotonic()
while True:
    for handle in handles:
        pynvml.nvmlDeviceGetPowerUsage(handle)
        pynvml.nvmlDeviceGetUtilizationRates(handle)
        pynvml.nvmlDeviceGetTemperature(handle, pynvml.NVML_TEMPERATURE_GPU)
        pynvml.nvmlDeviceGetMemoryInfo(handle)
        pynvml.nvmlDeviceGetCurrentClocksThrottleReasons(handle)
        for clock in range(4):
            pynvml.nvmlDeviceGetClockInfo(handle, clock)
        pynvml.nvmlDeviceGetPerformanceState(handle)
        pynvml.nvmlDeviceGetEnforcedPowerLimit(handle)
        pynvml.nvmlDeviceGetTotalEnergyConsumption(handle)
        pynvml.nvmlDeviceGetPcieReplayCounter(handle)
        pynvml.nvmlDeviceGetEncoderUtilization(handle)
        pynvml.nvmlDeviceGetDecoderUtilization(handle)
    turn += 0.1
    time.sleep(max(0, turn - time.monotonic()))
