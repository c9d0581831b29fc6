using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Monitoring.Tests.Dashboards.Logstash;

/// <summary>A real rsyslog with one of the files of <c>dashboards/logstash/rsyslog</c>, which takes lines over TCP.</summary>
internal sealed partial class RunningRsyslog : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Process process;
    private readonly int port;

    private RunningRsyslog(Process process, DirectoryInfo folder, int port) => (this.process, Folder, this.port) = (process, folder, port);

    /// <summary>Where it works; what is refused or not understood lies there.</summary>
    internal DirectoryInfo Folder { get; }

    /// <summary>The files with which it starts: ours with ports and folders put in, and one that takes lines over TCP.</summary>
    /// <param name="file">Name of ours.</param>
    /// <param name="port">Where it sends to.</param>
    /// <param name="listen">Where it listens.</param>
    internal static string Configure(string file, int port, int listen, DirectoryInfo folder)
    {
        var text = File.ReadAllText(RepositoryRoot.Combine("dashboards", "logstash", "rsyslog", file)).Replace("/var/spool/rsyslog", folder.FullName, StringComparison.Ordinal);
        var ours = Path.Combine(folder.FullName, file);
        File.WriteAllText(ours, Port().Replace(text, $"$1\"{port}\""));
        var main = Path.Combine(folder.FullName, "rsyslog.conf");
        File.WriteAllText(main, $"""
            global(workDirectory="{folder.FullName}" maxMessageSize="64k")
            module(load="imtcp")
            input(type="imtcp" port="{listen}" address="127.0.0.1")
            include(file="{ours}")

            """);
        return main;
    }

    internal static async Task<RunningRsyslog> StartAsync(string file, int port)
    {
        var program = Requirement.Program("rsyslogd");
        var folder = Directory.CreateTempSubdirectory("rsyslog-");
        var listen = FreePort.Take();
        var process = Process.Start(new ProcessStartInfo(program, ["-n", "-f", Configure(file, port, listen, folder), "-i", Path.Combine(folder.FullName, "pid")]) { RedirectStandardError = true, RedirectStandardOutput = true })
            ?? throw new InvalidOperationException($"{program} did not start.");
        _ = process.StandardError.ReadToEndAsync();
        _ = process.StandardOutput.ReadToEndAsync();
        return new RunningRsyslog(process, folder, listen);
    }

    /// <summary>Sends messages as a program of a node.</summary>
    internal async Task SendAsync(string program, params IEnumerable<string> messages)
    {
        var started = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(Pause);
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port);
                var text = string.Concat(messages.Select(message => $"<13>1 2026-11-21T12:52:04.123456Z node-1 {program} - - - {message}\n"));
                await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(text));
                return;
            }
            catch (SocketException) when (TimeProvider.System.GetElapsedTime(started) < Eventually.Patience && !process.HasExited)
            {
                await timer.WaitForNextTickAsync();
            }
        }
    }

    /// <summary>Asks until the answer is what is wanted; the last answer where patience ends.</summary>
    internal static async Task<T> WaitForAsync<T>(Func<Task<T>> ask, Predicate<T> isWanted)
    {
        var started = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(Pause);
        while (true)
        {
            var answer = await ask();
            if (isWanted(answer) || TimeProvider.System.GetElapsedTime(started) > Eventually.Patience) return answer;
            await timer.WaitForNextTickAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        Folder.Delete(recursive: true);
    }

    [GeneratedRegex("(port=|serverport=)\"[0-9]+\"")]
    private static partial Regex Port();
}
