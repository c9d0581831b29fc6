using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Monitoring.Simulator.Demo;
using Xunit;

namespace Monitoring.Tests.Elasticsearch.Conformance;

/// <summary>A delivery in a process of its own, which a test kills and starts again on the same directory.</summary>
/// <param name="server">Where it sends to.</param>
/// <param name="documents">How many documents, over all its lives.</param>
/// <param name="documentsPerSecond">How fast they come into being at most.</param>
internal sealed class SenderProcess(Uri server, int documents, int documentsPerSecond) : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sender-");
    private readonly ChildStarter _starter = new();
    private Process? _process;
    private Task<string> _output = Task.FromResult("");
    private Task<string> _errors = Task.FromResult("");

    internal string Name { get; } = "t" + Guid.NewGuid().ToString("N")[..8];

    internal string DeadLetterDirectory => Path.Combine(_folder.FullName, "dead-letters");

    /// <summary>Ids of all documents.</summary>
    internal IEnumerable<string> Ids => Enumerable.Range(0, documents).Select(number => string.Create(CultureInfo.InvariantCulture, $"{Name}-{number:D8}"));

    /// <summary>Documents that came into being so far, as it last noted; those that are not settled are few.</summary>
    internal int Appended => int.TryParse(File.Exists(Note) ? File.ReadAllText(Note) : "", CultureInfo.InvariantCulture, out var number) ? number : 0;

    private string Note => Path.Combine(_folder.FullName, "appended");

    /// <summary>Lets it append so many documents in all; without this call it may all.</summary>
    internal void Allow(int count)
    {
        var file = Path.Combine(_folder.FullName, "allowed");
        File.WriteAllText(file + ".new", count.ToString(CultureInfo.InvariantCulture));
        File.Move(file + ".new", file, overwrite: true);
    }

    /// <summary>Starts it where it is not alive.</summary>
    internal async Task StartAsync()
    {
        if (_process is not null) return;
        var program = RepositoryRoot.Combine("artifacts", "bin", "Monitoring.Benchmarks", new DirectoryInfo(AppContext.BaseDirectory).Name, "Monitoring.Benchmarks");
        Assert.True(File.Exists(program), $"{program} does not exist: build the solution");
        Requirement.Program("setpriv");
        _process = await _starter.StartAsync(program,
        [
            "elasticsearch-sender", $"url={server}", $"directory={_folder.FullName}", $"name={Name}", string.Create(CultureInfo.InvariantCulture, $"documents={documents}"),
            "batch_documents=500", "batch_bytes=1048576", "retry_pause_milliseconds=10", "request_timeout_seconds=5", "ahead=3000",
            string.Create(CultureInfo.InvariantCulture, $"documents_per_second={documentsPerSecond}"),
        ]);
        _output = _process.StandardOutput.ReadToEndAsync();
        _errors = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>Ends it by SIGKILL.</summary>
    internal async Task KillAsync()
    {
        if (_process is null) return;
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Waits until it has settled everything.</summary>
    /// <returns>What it says of its last life.</returns>
    internal async Task<JsonNode> UntilDoneAsync(TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience);
        await _process!.WaitForExitAsync(limit.Token);
        Assert.True(_process.ExitCode == 0, $"The sender ended with exit code {_process.ExitCode}: {await _output}{await _errors}");
        return JsonNode.Parse(await _output)!;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _starter.Dispose();
        _folder.Delete(recursive: true);
    }
}
