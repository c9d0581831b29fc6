using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Monitoring.Simulator.Demo;
using Xunit;

namespace Monitoring.Tests.Elasticsearch.Servers;

/// <summary>A real OpenSearch node in a process of its own, with a directory that outlives its deaths.</summary>
internal sealed class RealOpenSearch : IAsyncDisposable
{
    // The starter takes no port above it, and the port for other nodes is a hundred higher.
    private const int FirstPort = 9200;
    private const int Ports = 100;
    private const int Attempts = 5;
    private const int OutputKept = 4000;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private readonly ChildStarter _starter = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("opensearch-");
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly string[] _settings;
    private readonly string _start;
    private int _port;
    private Process? _process;
    private Task<string> _output = Task.FromResult("");

    private RealOpenSearch(string start, string[] settings) => (_start, _settings) = (start, settings);

    internal Uri Address => new($"http://127.0.0.1:{_port}");

    /// <summary>Starts one on a free port; skips in words where the server or Java is missing.</summary>
    /// <param name="settings">Lines of its configuration, such as <c>http.max_content_length: 1mb</c>.</param>
    internal static async Task<RealOpenSearch> StartAsync(params string[] settings)
    {
        var start = Path.GetFullPath(Path.Combine(RepositoryRoot.Path, "..", "shared", "opensearch", "start"));
        Requirement.That(File.Exists(start), "'../shared/opensearch/start' is missing; put the server beside the repository to run this test");
        Requirement.Program("java");
        Requirement.Program("setpriv");
        var server = new RealOpenSearch(start, settings);
        for (var attempt = 1; ; attempt++)
        {
            server._port = FreePort();
            if (await server.TryStartAsync()) return server;
            // Another process may have taken the port in between.
            if (attempt < Attempts) continue;
            var said = await server._output;
            await server.DisposeAsync();
            Assert.Fail($"OpenSearch did not start: {said[Math.Max(0, said.Length - OutputKept)..]}");
        }
    }

    /// <summary>Ends it by SIGKILL.</summary>
    internal async Task KillAsync()
    {
        _process!.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Starts it again on the same directory and port.</summary>
    internal async Task RestartAsync()
    {
        if (!await TryStartAsync()) Assert.Fail($"OpenSearch did not start again: {await _output}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await KillAsync();
        _starter.Dispose();
        _http.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task<bool> TryStartAsync()
    {
        _process = await _starter.StartAsync(_start, [_port.ToString(CultureInfo.InvariantCulture), _folder.FullName, .. _settings]);
        _output = ReadAsync(_process);
        using var ticks = new PeriodicTimer(Tick);
        for (var began = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(began) < Patience; await ticks.WaitForNextTickAsync())
        {
            if (_process.HasExited)
            {
                _process.Dispose();
                _process = null;
                return false;
            }

            if (await AnswersAsync()) return true;
        }

        await KillAsync();
        return false;
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            // Answers are one thing, shards that were recovered another: what was stored must be found.
            using var answer = await _http.GetAsync(new Uri(Address, "/_cluster/health?wait_for_status=yellow&wait_for_no_initializing_shards=true&timeout=5s"));
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    private static async Task<string> ReadAsync(Process process)
    {
        var errors = process.StandardError.ReadToEndAsync();
        return await process.StandardOutput.ReadToEndAsync() + await errors;
    }

    private static int FreePort()
    {
        var first = Random.Shared.Next(Ports);
        for (var step = 0; step < Ports; step++)
        {
            var port = FirstPort + ((first + step) % Ports);
            if (IsFree(port) && IsFree(port + Ports)) return port;
        }

        throw new InvalidOperationException($"No port from {FirstPort} to {FirstPort + Ports - 1} is free.");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
