using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Monitoring.Simulator.Demo;

/// <summary>
/// Starts processes on one thread that lives as long as the demo. Linux sends the parent-death signal when the THREAD that
/// started a child ends (prctl(2), PR_SET_PDEATHSIG): a thread of the pool may end at any time and would take children along.
/// </summary>
internal sealed class ChildStarter : IDisposable
{
    // A parent that died before the signal was set sends none; then its child has another parent already.
    private const string UnlessOrphaned = "[ \"$PPID\" = \"$1\" ] || exit 1; shift; exec \"$@\"";

    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;

    public ChildStarter()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "child starter" };
        _thread.Start();
    }

    /// <summary>
    /// Starts a program whose output can be read. It is killed by the kernel if this process dies, and is in a session of
    /// its own, so that Ctrl-C in a terminal reaches this process alone and children end in order.
    /// </summary>
    public Task<Process> StartAsync(string program, IReadOnlyList<string> arguments)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                started.SetResult(Start(program, arguments));
            }
            catch (Exception failure) when (failure is System.ComponentModel.Win32Exception or InvalidOperationException)
            {
                started.SetException(new DemoFailedException($"setsid and setpriv (package util-linux) could not be started: {failure.Message}"));
            }
        });
        return started.Task;
    }

    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Join();
        _work.Dispose();
    }

    private static Process Start(string program, IReadOnlyList<string> arguments)
    {
        var information = new ProcessStartInfo("setsid")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        var parent = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        foreach (var word in (string[])["setpriv", "--pdeathsig", "KILL", "--", "sh", "-c", UnlessOrphaned, "sh", parent, program, .. arguments])
            information.ArgumentList.Add(word);
        // Settings of a real agent in the caller's environment are not meant for the simulated ones.
        foreach (var name in information.Environment.Keys.Where(IsSetting).ToArray())
            information.Environment.Remove(name);
        var process = new Process { StartInfo = information, EnableRaisingEvents = true };
        process.Start();
        process.StandardInput.Close();
        return process;
    }

    private static bool IsSetting(string name) =>
        name.StartsWith("GPU_AGENT_", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("GPU_COLLECTOR_", StringComparison.OrdinalIgnoreCase)
        || name is "NOTIFY_SOCKET" or "WATCHDOG_USEC" or "WATCHDOG_PID" or "GPU_SIMULATOR_STATE";

    private void Run()
    {
        foreach (var work in _work.GetConsumingEnumerable())
            work();
    }
}
