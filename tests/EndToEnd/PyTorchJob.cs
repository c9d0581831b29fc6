using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Monitoring.Tests.EndToEnd;

/// <summary>A Python program with PyTorch in a root folder of its own, under whatever makes its namespaces.</summary>
internal sealed class PyTorchJob : IDisposable
{
    private readonly Process process;
    private readonly StringBuilder errors = new();
    private readonly List<(double Time, double Steps)> rates = [];

    internal PyTorchJob(string root, string[] around, (string Name, string Value)[] environment, string program)
    {
        string[] command = [.. around, "chroot", root, "env", "-i", "PATH=/usr/bin:/bin", "HOME=/tmp", "OMP_NUM_THREADS=1", "KINETO_USE_DAEMON=1", .. environment.Select(static pair => $"{pair.Name}={pair.Value}"), "python3", "-c", program];
        // Not disposed: a test may end a job before the end of all of them.
        process = new Process { StartInfo = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true } };
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.ErrorDataReceived += (_, line) =>
        {
            lock (errors) errors.AppendLine(line.Data);
        };
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    internal string Name { get; init; } = "";

    internal bool IsAlive => !process.HasExited;

    internal int ExitCode => process.ExitCode;

    internal string Errors
    {
        get
        {
            lock (errors) return $"{Name}: {errors}";
        }
    }

    internal Task EndAsync() => process.WaitForExitAsync();

    /// <summary>Its steps a second in the three seconds before a time and during it.</summary>
    internal (double Before, double During) Cost(DateTimeOffset from, DateTimeOffset to)
    {
        var (start, end) = (from.ToUnixTimeMilliseconds() / 1e3, to.ToUnixTimeMilliseconds() / 1e3);
        lock (rates) return (Mean(start - 4, start - 1.5), Mean(start + 0.1, end + 0.05));

        double Mean(double since, double until) => rates.Where(rate => rate.Time > since && rate.Time <= until).Select(static rate => rate.Steps).DefaultIfEmpty(double.NaN).Average();
    }

    public void Dispose()
    {
        if (IsAlive) process.Kill(entireProcessTree: true);
        process.WaitForExit();
    }

    private void Note(string? line)
    {
        if (line?.Split(' ') is not [var at, var steps] || !double.TryParse(at, CultureInfo.InvariantCulture, out var time)) return;
        lock (rates) rates.Add((time, double.Parse(steps, CultureInfo.InvariantCulture)));
    }
}
