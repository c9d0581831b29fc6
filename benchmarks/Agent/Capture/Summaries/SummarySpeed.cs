using System.Diagnostics;
using System.Globalization;
using System.Text;
using Monitoring.Agent.Capture.Summaries.Kineto;
using Monitoring.Agent.Capture.Summaries.Nsys;
using Monitoring.Contracts.Captures;

namespace Monitoring.Benchmarks.Agent.Capture.Summaries;

/// <summary>How long summaries of large reports take, and how much memory: 900,000 kernels of nsys, a gigabyte of PyTorch.</summary>
internal static class SummarySpeed
{
    private const int KernelsOfNsys = 900_000;
    private const long BytesOfTrace = 1_000_000_000;

    // The columns that an export of Nsight Systems has, so that rows are as long as its own.
    private const string Script = """
        import sqlite3, sys
        path, kernels = sys.argv[1], int(sys.argv[2])
        db = sqlite3.connect(path)
        db.execute("pragma journal_mode=off"); db.execute("pragma synchronous=off")
        names = "contextId streamId correlationId globalPid demangledName shortName mangledName launchType cacheConfig registersPerThread gridX gridY gridZ blockX blockY blockZ staticSharedMemory dynamicSharedMemory localMemoryPerThread localMemoryTotal gridId sharedMemoryExecuted graphNodeId sharedMemoryLimitConfig".split()
        db.execute("create table StringIds(id integer primary key, value text not null)")
        db.executemany("insert into StringIds values(?,?)", ((i, f"void kernel_{i}<float>(float*)") for i in range(200)))
        db.execute("create table CUPTI_ACTIVITY_KIND_KERNEL(start integer, end integer, deviceId integer, %s)" % ", ".join(n + " integer" for n in names))
        db.executemany("insert into CUPTI_ACTIVITY_KIND_KERNEL values(?,?,?,%s)" % ",".join("?" * len(names)),
            ((i * 50000, i * 50000 + 40000, i % 8, 1, 7, i, 281476033675264, i % 200, i % 200, None, None, None, 64, 256, 1, 1, 256, 1, 1, 0, 49152, 0, 0, i, 102400, None, None) for i in range(kernels)))
        db.execute("create table CUPTI_ACTIVITY_KIND_RUNTIME(start integer, end integer, eventClass integer, globalTid integer, correlationId integer, nameId integer, returnValue integer, callchainId integer)")
        db.executemany("insert into CUPTI_ACTIVITY_KIND_RUNTIME values(?,?,0,281476033675327,?,?,0,null)", ((i * 50000 - 9000, i * 50000 - 1000, i, i % 5) for i in range(kernels)))
        db.commit()
        """;

    internal static void Print(TextWriter output)
    {
        var folder = Directory.CreateTempSubdirectory("summary-speed-");
        try
        {
            var trace = Path.Combine(folder.FullName, "trace.json");
            WriteTrace(trace);
            Measure(output, trace, () => KinetoSummary.Read(trace));
            File.Delete(trace);

            var export = Path.Combine(folder.FullName, "export.sqlite");
            if (WriteExport(export)) Measure(output, export, () => NsysSummary.Read(export));
            else output.WriteLine("no nsys export was made: it needs python3 with its sqlite3 module");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Measure(TextWriter output, string path, Func<ProfilerSummary> read)
    {
        var size = new FileInfo(path).Length / 1e6;
        for (var round = 0; round < 3; round++)
        {
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            var watch = Stopwatch.StartNew();
            var summary = read();
            watch.Stop();
            using var self = Process.GetCurrentProcess();
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{Path.GetFileName(path)}: {size:0} MB, {summary.Kernels?.Count} kernels, {watch.Elapsed.TotalSeconds:0.00} s, {size / watch.Elapsed.TotalSeconds:0} MB/s, {(GC.GetAllocatedBytesForCurrentThread() - allocated) / 1e6:0.0} MB allocated, {self.PeakWorkingSet64 / 1e6:0} MB peak resident"));
        }
    }

    private static void WriteTrace(string path)
    {
        using var stream = new BufferedStream(File.Create(path), 1 << 20);
        stream.Write("{\"baseTimeNanoseconds\": 1700000000000000000, \"traceEvents\": ["u8);
        long written = 0;
        for (long index = 0; written < BytesOfTrace; index++)
        {
            var time = (index * 10).ToString(CultureInfo.InvariantCulture);
            var text = (index % 3) switch
            {
                0 => $$"""{"ph": "X", "cat": "cpu_op", "name": "aten::op_{{index % 100}}", "pid": 4242, "tid": 4242, "ts": {{time}}.125, "dur": 8.5, "args": {"External id": {{index}}, "Record function id": 0, "Ev Idx": {{index}}, "Input Dims": [[32, 128], [128]]} },""",
                1 => $$"""{"ph": "X", "cat": "cuda_runtime", "name": "cudaLaunchKernel", "pid": 4242, "tid": 4242, "ts": {{time}}.500, "dur": 4.125, "args": {"External id": {{index}}, "cbid": 211, "correlation": {{index}}} },""",
                _ => $$"""{"ph": "X", "cat": "kernel", "name": "void at::native::kernel_{{index % 300}}<float, 4>(int, float*)", "pid": 0, "tid": 7, "ts": {{time}}.750, "dur": 6.250, "args": {"External id": {{index}}, "queued": 0, "device": 0, "context": 1, "stream": 7, "correlation": {{index}}, "registers per thread": 32, "grid": [512, 1, 1], "block": [512, 1, 1]} },""",
            };
            var bytes = Encoding.UTF8.GetBytes(text);
            stream.Write(bytes);
            written += bytes.Length;
        }
        stream.Write("{}]}"u8);
    }

    private static bool WriteExport(string path)
    {
        try
        {
            using var python = Process.Start(new ProcessStartInfo("python3", ["-c", Script, path, KernelsOfNsys.ToString(CultureInfo.InvariantCulture)]));
            python!.WaitForExit();
            return python.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
