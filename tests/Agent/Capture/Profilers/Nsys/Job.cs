using Xunit;
using System.Diagnostics;
using System.Runtime.Versioning;

namespace Monitoring.Tests.Agent.Capture.Profilers.Nsys;

/// <summary>A real program of several threads that takes locks without end, says "ready" when it runs and ends with 7 when its input ends.</summary>
[SupportedOSPlatform("linux")]
internal sealed class Job : IDisposable
{
    internal const int ExitCode = 7;

    private const string Source = """
        #include <pthread.h>
        #include <stdio.h>
        #include <unistd.h>
        static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
        static volatile long rounds;
        static void *work(void *unused) {
            for (;;) { pthread_mutex_lock(&gate); rounds++; pthread_mutex_unlock(&gate); usleep(500); }
            return unused;
        }
        int main(void) {
            pthread_t thread;
            char line[64];
            for (int number = 0; number < 4; number++) pthread_create(&thread, 0, work, 0);
            printf("ready %d\n", (int)getpid()); fflush(stdout);
            while (fgets(line, sizeof line, stdin)) { printf("%ld\n", rounds); fflush(stdout); }
            return 7;
        }
        """;

    private static readonly Lazy<string> Program = new(Compile);
    private readonly Process process;

    private Job(Process process) => this.process = process;

    /// <summary>The compiled program.</summary>
    internal static string Path => Program.Value;

    internal Process Process => process;

    internal int Pid => process.Id;

    /// <summary>What it wrote to standard error, read to its end.</summary>
    internal string Errors { get; private set; } = "";

    /// <summary>Starts the program by way of others, such as gpu-run.</summary>
    internal static async Task<Job> StartAsync(string[] way, params (string Name, string Value)[] environment)
    {
        string[] words = [.. way, Path];
        var start = new ProcessStartInfo(words[0], words[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        var job = new Job(Process.Start(start)!);
        var line = await job.process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        if (line is null || !line.StartsWith("ready ", StringComparison.Ordinal)) throw new InvalidOperationException($"the job did not start: {line} {await job.process.StandardError.ReadToEndAsync()}");
        return job;
    }

    /// <summary>How often its threads took the lock until now: rises while it works.</summary>
    internal async Task<long> RoundsAsync()
    {
        await process.StandardInput.WriteLineAsync("?");
        await process.StandardInput.FlushAsync();
        return long.Parse((await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken))!, System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Lets it end by itself: its exit code.</summary>
    internal async Task<int> EndAsync()
    {
        process.StandardInput.Close();
        Errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode;
    }

    public void Dispose()
    {
        if (!process.HasExited) process.Kill();
        process.Dispose();
    }

    private static string Compile()
    {
        var folder = Directory.CreateTempSubdirectory("job-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        // Jobs of other users run it too.
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        File.WriteAllText(System.IO.Path.Combine(folder, "job.c"), Source);
        using var compiler = Process.Start(Requirement.Program("gcc"), ["-O1", "-pthread", "-o", System.IO.Path.Combine(folder, "job"), System.IO.Path.Combine(folder, "job.c")]);
        compiler.WaitForExit();
        return compiler.ExitCode == 0 ? System.IO.Path.Combine(folder, "job") : throw new InvalidOperationException("gcc could not compile the job");
    }
}
