using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Monitoring.Contracts.Events;
using Monitoring.Simulator.Demo;
using Xunit;

namespace Monitoring.Tests.EndToEnd;

/// <summary>A real collector process with a state directory, which a test kills as a power cut would, at one address over all its lives.</summary>
/// <param name="overrides">Settings beside the address and the directory, as <c>key=value</c>.</param>
internal sealed class KillableCollector(params string[] overrides) : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gpu-collector-");
    private readonly ChildStarter _starter = new();
    private readonly HttpClient _http = new() { Timeout = Eventually.Patience };
    private readonly string _address = FreePort.TakeAddress();
    private Process? _process;
    private Task<string> _output = Task.FromResult("");

    /// <summary>What outlives it.</summary>
    internal string StateDirectory => _folder.FullName;

    /// <summary>Where it listens when it lives.</summary>
    internal Uri Address => new($"http://{_address}");

    /// <summary>Starts it and returns when it answers.</summary>
    internal async Task StartAsync()
    {
        Requirement.Program("setpriv");
        var program = RepositoryRoot.Combine("artifacts", "bin", "Monitoring.Collector", new DirectoryInfo(AppContext.BaseDirectory).Name, "gpu-collector");
        Assert.True(File.Exists(program), $"{program} does not exist: build the solution");
        _process = await _starter.StartAsync(program, ["run", "--set", $"listen={_address}", "--set", $"state_directory={_folder.FullName}", "--set", "log.level=warning", .. overrides.SelectMany(static one => (string[])["--set", one])]);
        _output = ReadAsync(_process);
        await Eventually.HoldsAsync("the collector answers", async () =>
        {
            if (_process.HasExited) Assert.Fail($"The collector ended with exit code {_process.ExitCode}: {await _output}");
            return await AnswersAsync();
        });
    }

    /// <summary>Ends it by SIGKILL.</summary>
    /// <returns>What it had said.</returns>
    internal async Task<string> KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
        return await _output;
    }

    /// <summary>Writes bytes that are no record to the end of the newest segment, as a write that was cut off leaves them.</summary>
    internal void TearEnd(Random random)
    {
        var garbage = new byte[random.Next(1, 40)];
        random.NextBytes(garbage);
        // It may have been killed before the first event.
        if (Directory.GetFiles(Path.Combine(_folder.FullName, "events"), "*.segment").Max(StringComparer.Ordinal) is not { } newest) return;
        using var file = new FileStream(newest, FileMode.Append);
        file.Write(garbage);
    }

    /// <summary>The ids of all events that it keeps, in the order of its pages.</summary>
    internal async Task<List<string>> ReadIdsAsync() => (await ReadEventsAsync()).ConvertAll(static record => record.Id);

    /// <summary>All events that it keeps, in the order of its pages.</summary>
    internal async Task<List<EventRecord>> ReadEventsAsync()
    {
        var events = new List<EventRecord>();
        string? next = null;
        do
        {
            var after = next is null ? "" : $"&after={next}";
            using var page = JsonDocument.Parse(await _http.GetStringAsync(new Uri(Address, $"/api/v1/events?limit=1000{after}")));
            events.AddRange(page.RootElement.GetProperty("events").EnumerateArray().Select(static one => EventJson.Read(Encoding.UTF8.GetBytes(one.GetRawText()))));
            next = page.RootElement.GetProperty("next").GetString();
        }
        while (next is not null);
        return events;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await KillAsync();
        _starter.Dispose();
        _http.Dispose();
        _folder.Delete(recursive: true);
    }

    private static async Task<string> ReadAsync(Process process) => string.Concat(await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync()));

    private async Task<bool> AnswersAsync()
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri(Address, "/healthz"));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
