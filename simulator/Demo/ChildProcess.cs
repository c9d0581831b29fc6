using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Monitoring.Simulator.Demo;

/// <summary>One process of the demo: its log goes to a file, and the last lines are kept for the case that it dies.</summary>
internal sealed partial class ChildProcess : IAsyncDisposable
{
    private const int KeptLines = 20;
    private const int SignalTerminate = 15;

    // A log that grows on its own for days must not fill the disk; what is said last stays in the kept lines.
    private const long LogLimitBytes = 16 << 20;

    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly TimeProvider _time;
    private readonly Queue<string> _lastOutput = new(KeptLines);
    private readonly Queue<string> _lastErrors = new(KeptLines);
    private readonly Task _log;

    private ChildProcess(string name, Process process, string logPath, TimeProvider time)
    {
        Name = name;
        _process = process;
        _time = time;
        _log = LogAsync(logPath);
        Exited = process.WaitForExitAsync();
    }

    public string Name { get; }

    /// <summary>Known once it has ended.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Completes when the process has ended.</summary>
    public Task Exited { get; }

    public static async Task<ChildProcess> StartAsync(
        ChildStarter starter, string name, string program, IReadOnlyList<string> arguments, string logPath, TimeProvider time) =>
        new(name, await starter.StartAsync(program, arguments), logPath, time);

    /// <summary>How the process ended, with the last lines of its log.</summary>
    public async Task<string> EpitaphAsync()
    {
        await Exited;
        await _log;
        var lines = string.Join(Environment.NewLine, _lastOutput.Concat(_lastErrors).Select(line => "    " + line));
        var how = $"{Name} ended with exit code {_process.ExitCode}";
        return lines.Length == 0 ? how : $"{how}; its last words:{Environment.NewLine}{lines}";
    }

    /// <summary>Asks the process to end (SIGTERM), and kills it where it does not within 10 s.</summary>
    public async Task StopAsync()
    {
        if (!_process.HasExited)
        {
            _ = Kill(_process.Id, SignalTerminate);
            using var patience = new CancellationTokenSource(StopPatience, _time);
            try
            {
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
                await _process.WaitForExitAsync();
            }
        }
        await _log;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process.Dispose();
    }

    private async Task LogAsync(string logPath)
    {
        await using var file = new StreamWriter(logPath, append: false) { AutoFlush = true };
        using var oneAtATime = new SemaphoreSlim(1);
        await Task.WhenAll(CopyAsync(_process.StandardOutput, _lastOutput), CopyAsync(_process.StandardError, _lastErrors));

        async Task CopyAsync(StreamReader from, Queue<string> lastLines)
        {
            while (await from.ReadLineAsync() is { } line)
            {
                if (lastLines.Count == KeptLines)
                    lastLines.Dequeue();
                lastLines.Enqueue(line);
                await oneAtATime.WaitAsync();
                if (file.BaseStream.Position < LogLimitBytes)
                    await file.WriteLineAsync(line);
                oneAtATime.Release();
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int processId, int signal);
}
