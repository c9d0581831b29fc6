using System.Diagnostics;
using System.Text.Json;

namespace Monitoring.Tests.Collector;

/// <summary>A real Prometheus with its data in a folder of its own, scraping a collector.</summary>
internal sealed class RunningPrometheus : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly Process process;
    private readonly DirectoryInfo folder;
    private readonly HttpClient client;

    private RunningPrometheus(Process process, DirectoryInfo folder, HttpClient client)
    {
        this.process = process;
        this.folder = folder;
        this.client = client;
    }

    internal static async Task<RunningPrometheus> StartAsync(string program, Uri collector)
    {
        var folder = Directory.CreateTempSubdirectory("prometheus-");
        var file = Path.Combine(folder.FullName, "prometheus.yml");
        await File.WriteAllTextAsync(file, $"""
            global:
              scrape_interval: 1s
            scrape_configs:
              - job_name: nodes
                honor_labels: true
                http_sd_configs:
                  - url: {new Uri(collector, "/sd/prometheus?via=collector")}
                    refresh_interval: 1s
              - job_name: agents
                honor_labels: true
                http_sd_configs:
                  - url: {new Uri(collector, "/sd/prometheus?via=agent")}
                    refresh_interval: 1s
              - job_name: collector
                honor_labels: true
                static_configs:
                  - targets: ["{collector.Authority}"]

            """);
        var port = FreePort.Take();
        var process = Process.Start(new ProcessStartInfo(program,
        [
            $"--config.file={file}", $"--storage.tsdb.path={Path.Combine(folder.FullName, "data")}", $"--web.listen-address=127.0.0.1:{port}", "--log.level=error",
        ])
        {
            RedirectStandardError = true,
        }) ?? throw new InvalidOperationException($"{program} did not start.");
        // Read to the end, so that the program never waits for a full pipe.
        _ = process.StandardError.ReadToEndAsync();
        return new RunningPrometheus(process, folder, new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") });
    }

    /// <summary>The value of a query with one result; empty where there is none.</summary>
    internal async Task<string> QueryAsync(string query)
    {
        using var answer = JsonDocument.Parse(await client.GetStringAsync(new Uri("/api/v1/query?query=" + Uri.EscapeDataString(query), UriKind.Relative)));
        var results = answer.RootElement.GetProperty("data").GetProperty("result");
        return results.GetArrayLength() == 0 ? "" : results[0].GetProperty("value")[1].GetString() ?? "";
    }

    /// <summary>Asks until the answer is <paramref name="expected"/>; the last answer where patience ends.</summary>
    internal async Task<string> WaitForAsync(string query, string expected, Action meanwhile)
    {
        using var timer = new PeriodicTimer(Pause);
        var started = TimeProvider.System.GetTimestamp();
        var answer = "";
        while (TimeProvider.System.GetElapsedTime(started) < Patience)
        {
            meanwhile();
            try
            {
                answer = await QueryAsync(query);
            }
            catch (HttpRequestException exception)
            {
                answer = exception.Message;
            }

            if (answer == expected) return answer;
            await timer.WaitForNextTickAsync();
        }

        return answer;
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        folder.Delete(recursive: true);
    }
}
