using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Elasticsearch.Connection;
using Monitoring.Elasticsearch.Delivery;
using Monitoring.Elasticsearch.Spool;

namespace Monitoring.Benchmarks.Elasticsearch;

/// <summary>
/// A process that appends numbered documents to a spool and delivers them until all are settled; killed at any moment it goes on from
/// where it was. A file <c>allowed</c> in its directory says how many documents may come into being so far, so that who kills it does so in the
/// middle. Prints what it took as one line of JSON.
/// </summary>
internal static class ElasticsearchSender
{
    // Beyond what the longest run appends: nothing is dropped for room here.
    private const long SpoolBytes = 8L << 30;

    // What was appended is noted this often; after a death the documents since then are appended twice, and their ids make that harmless.
    private const int AppendsPerNote = 500;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    internal static async Task RunAsync(SenderOptions options, TextWriter output)
    {
        Directory.CreateDirectory(options.Directory);
        using var spool = DocumentSpool.Open(Path.Combine(options.Directory, "spool"), new SpoolOptions { Name = "events", MaximumBytes = SpoolBytes }, TimeProvider.System);
        var connection = new ElasticsearchConnectionSettings
        {
            Urls = [options.Url], MaxBatchDocuments = options.BatchDocuments, MaxBatchBytes = options.BatchBytes, RetryPause = options.RetryPause, RetryPauseMax = options.RetryPause * 20,
            RequestTimeout = options.RequestTimeout, MaxBatchAge = TimeSpan.FromMilliseconds(50),
        };
        var delivery = new ElasticsearchDelivery(connection, new DeliveryOptions { DeadLetterDirectory = DeadLetters(options.Directory) }, [spool], TimeProvider.System, NullLogger<ElasticsearchDelivery>.Instance);
        await using (delivery)
        {
            var began = TimeProvider.System.GetTimestamp();
            await delivery.StartAsync(CancellationToken.None);
            await AppendAsync(options, spool);
            using var ticks = new PeriodicTimer(Tick);
            while (spool.Waiting > 0) await ticks.WaitForNextTickAsync();
            var elapsed = TimeProvider.System.GetElapsedTime(began);
            await delivery.StopAsync(CancellationToken.None);
            using var process = Process.GetCurrentProcess();
            var tally = delivery.Tallies[0];
            output.WriteLine(JsonSerializer.Serialize(new
            {
                documents = options.Documents, seconds = elapsed.TotalSeconds, cpu_seconds = process.TotalProcessorTime.TotalSeconds, peak_bytes = process.PeakWorkingSet64,
                sent = tally.Sent, duplicates = tally.Duplicates, retried = tally.Retried, requests = tally.Requests, dead_letters = tally.DeadLetters, failure_store = tally.FailureStore,
                dropped = tally.Dropped.Values.Sum(), failures = tally.Failures,
            }));
        }
    }

    internal static string DeadLetters(string directory) => Path.Combine(directory, "dead-letters");

    private static async Task AppendAsync(SenderOptions options, DocumentSpool spool)
    {
        var note = Path.Combine(options.Directory, "appended");
        var next = File.Exists(note) && int.TryParse(await File.ReadAllTextAsync(note), NumberStyles.None, CultureInfo.InvariantCulture, out var appended) ? appended : 0;
        using var ticks = new PeriodicTimer(Tick);
        var (first, began) = (next, TimeProvider.System.GetTimestamp());
        while (next < options.Documents)
        {
            while (next >= Allowed(options)) await ticks.WaitForNextTickAsync();
            var end = Math.Min(options.Documents, next + AppendsPerNote);
            for (; next < end; next++)
            {
                if (spool.Append(NumberedDocuments.Index(options.Name, next), NumberedDocuments.Id(options.Name, next), NumberedDocuments.Json(next)) is { } lost) throw new IOException(lost);
            }

            await File.WriteAllTextAsync(note + ".new", next.ToString(CultureInfo.InvariantCulture));
            File.Move(note + ".new", note, overwrite: true);
            while (spool.Waiting > options.Ahead || next - first > TimeProvider.System.GetElapsedTime(began).TotalSeconds * options.DocumentsPerSecond) await ticks.WaitForNextTickAsync();
        }
    }

    private static int Allowed(SenderOptions options) =>
        Path.Combine(options.Directory, "allowed") is var file && File.Exists(file) ? int.Parse(File.ReadAllText(file), NumberStyles.None, CultureInfo.InvariantCulture) : options.Documents;
}
