using System.Diagnostics;
using System.Globalization;
using FluentAssertions;
using Xunit;

namespace Monitoring.Tests.Simulator;

/// <summary>Clients of NVML that others wrote, as Debian packages them, on the simulated library.</summary>
public sealed class IndependentClientTests
{
    private const string Remedy = "install it with scripts/install-test-clients.sh";

    // Debian's interpreter, which has Debian's modules; another python3 may come first on the PATH.
    private const string SystemPython = "/usr/bin/python3";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Pynvml_reads_the_values_of_the_node()
    {
        await RequirePynvmlAsync();
        using var test = new NodeUnderTest();
        test.Gpu.PowerMilliwatts = 432_100;
        test.Gpu.TemperatureCelsius = 66;
        test.Gpu.MemoryUsedBytes = 30ul << 30;
        test.Gpu.EndProcess(test.Gpu.ProcessIds[0]);
        test.Gpu.SetProcess(4711, 123 << 20, "python train.py");
        test.Gpu.AddEccErrors(Monitoring.Simulator.EccError.Corrected, Monitoring.Simulator.EccLocation.Dram, 5);
        var output = await PythonAsync(test, """
            import pynvml as n
            n.nvmlInit()
            h = n.nvmlDeviceGetHandleByIndex(0)
            print(n.nvmlDeviceGetCount(), n.nvmlSystemGetDriverVersion(), n.nvmlDeviceGetName(h))
            print(n.nvmlDeviceGetPowerUsage(h), n.nvmlDeviceGetTemperature(h, 0))
            print(n.nvmlDeviceGetMemoryInfo(h, n.nvmlMemory_v2).used >> 30, n.nvmlDeviceGetMemoryInfo(h).used >> 20)
            p = n.nvmlDeviceGetComputeRunningProcesses(h)[0]
            print(p.pid, p.usedGpuMemory >> 20, p.gpuInstanceId, n.nvmlSystemGetProcessName(p.pid))
            print(n.nvmlDeviceGetMemoryErrorCounter(h, 0, 0, 2), n.nvmlDeviceGetTotalEccErrors(h, 0, 1))
            print(n.nvmlDeviceGetPciInfo(h).busId, n.nvmlDeviceGetIndex(n.nvmlDeviceGetHandleByPciBusId(n.nvmlDeviceGetPciInfo(h).busId)))
            print(n.nvmlDeviceGetNvLinkState(h, 17), n.nvmlDeviceGetNvLinkVersion(h, 0))
            for v in n.nvmlDeviceGetFieldValues(h, [n.NVML_FI_DEV_MEMORY_TEMP, n.NVML_FI_DEV_ECC_CURRENT, (n.NVML_FI_DEV_NVLINK_THROUGHPUT_DATA_TX, 0)]):
                print(v.fieldId, v.nvmlReturn, v.valueType)
            try:
                n.nvmlDeviceGetFanSpeed(h)
            except n.NVMLError_NotSupported:
                print("no fan")
            n.nvmlShutdown()
            """);
        output.Should().Be("""
            2 590.48.01 NVIDIA H100 80GB HBM3
            432100 66
            30 31199
            4711 123 4294967295 python train.py
            5 5
            00000000:1B:00.0 0
            1 6
            82 0 1
            1 0 1
            138 0 3
            no fan

            """);
    }

    [Fact]
    public async Task Pynvml_walks_the_mig_instances()
    {
        await RequirePynvmlAsync();
        using var test = new NodeUnderTest("h100-mig", gpus: 1);
        var output = await PythonAsync(test, """
            import pynvml as n
            n.nvmlInit()
            h = n.nvmlDeviceGetHandleByIndex(0)
            print(n.nvmlDeviceGetMigMode(h), n.nvmlDeviceGetMaxMigDeviceCount(h))
            for i in range(n.nvmlDeviceGetMaxMigDeviceCount(h)):
                try:
                    m = n.nvmlDeviceGetMigDeviceHandleByIndex(h, i)
                except n.NVMLError_NotFound:
                    continue
                a = n.nvmlDeviceGetAttributes(m)
                print(n.nvmlDeviceGetGpuInstanceId(m), n.nvmlDeviceGetName(m), a.multiprocessorCount, n.nvmlDeviceGetMemoryInfo(m).total >> 20)
            """);
        output.Should().Be("""
            [1, 1] 7
            2 NVIDIA H100 80GB HBM3 MIG 3g.40gb 60 40448
            3 NVIDIA H100 80GB HBM3 MIG 2g.20gb 32 20096
            9 NVIDIA H100 80GB HBM3 MIG 1g.10gb 16 9984
            10 NVIDIA H100 80GB HBM3 MIG 1g.10gb 16 9984

            """);
    }

    [Fact]
    public async Task Gpustat_shows_every_gpu()
    {
        var gpustat = Requirement.FindProgram("gpustat", "/usr/bin");
        Requirement.That(gpustat is not null, $"gpustat is not installed; {Remedy}");
        using var test = new NodeUnderTest(gpus: 4);
        foreach (var gpu in test.Node.Gpus)
        {
            gpu.PowerMilliwatts = 300_000 + (uint)gpu.Index * 1000;
            gpu.TemperatureCelsius = 50 + gpu.Index;
            gpu.GpuUtilizationPercent = 90 + (uint)gpu.Index;
        }
        var output = await RunAsync(test, gpustat!, "--no-color", "--no-header", "--show-power");
        output.Trim().Split('\n').Select(line => string.Join(' ', line.TrimEnd(' ', '|').Split(' ', StringSplitOptions.RemoveEmptyEntries))).Should().Equal(
            Enumerable.Range(0, 4).Select(index => string.Create(CultureInfo.InvariantCulture, $"[{index}] NVIDIA H100 80GB HBM3 | {50 + index}\u00b0C, {90 + index} %, {300 + index} / 700 W | 479 / 81559 MB")));
    }

    [Fact]
    public async Task Nvtop_draws_every_gpu_on_a_terminal()
    {
        var nvtop = Requirement.FindProgram("nvtop", "/usr/bin");
        Requirement.That(nvtop is not null, $"nvtop is not installed; {Remedy}");
        var script = Requirement.FindProgram("script", "/usr/bin");
        Requirement.That(script is not null, "script of bsdutils is not installed; it gives nvtop its terminal");
        using var test = new NodeUnderTest();
        test.Gpu.PowerMilliwatts = 345_000;
        test.Gpu.TemperatureCelsius = 71;
        test.Gpu.SmClockMegahertz = 1980;
        // nvtop ends with q, which waits in its input until it has drawn.
        var output = await RunAsync(test, "/bin/sh", "-c", $"(sleep 2; printf q) | TERM=xterm {script} -qec 'stty rows 50 cols 160; {nvtop} -d 1' /dev/null");
        output.Should().Contain("NVIDIA H100 80GB HBM3").And.Contain("Device 0").And.Contain("Device 1").And.Contain("345 / 700 W").And.Contain("1980MHz");
        test.Node.CallsOf("nvmlDeviceGetPowerUsage").Should().BePositive();
    }

    private static async Task RequirePynvmlAsync()
    {
        Requirement.That(File.Exists(SystemPython), $"{SystemPython} is missing; python3-pynvml needs it, {Remedy}");
        var (code, _) = await StartAsync(new ProcessStartInfo(SystemPython, ["-c", "import pynvml"]));
        Requirement.That(code == 0, $"python3-pynvml is not installed; {Remedy}");
    }

    private static Task<string> PythonAsync(NodeUnderTest test, string program) => RunAsync(test, SystemPython, "-c", program);

    private static async Task<string> RunAsync(NodeUnderTest test, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments);
        start.Environment["LD_LIBRARY_PATH"] = test.Node.Directory;
        var (code, output) = await StartAsync(start);
        code.Should().Be(0, output);
        return output;
    }

    private static async Task<(int Code, string Output)> StartAsync(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = start.RedirectStandardInput = true;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var error = process.StandardError.ReadToEndAsync(patience.Token);
            var output = await process.StandardOutput.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, process.ExitCode == 0 ? output : output + await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
