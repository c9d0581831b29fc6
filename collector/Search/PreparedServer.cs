using System.Text;
using Monitoring.Collector.Search.Bootstrap;
using Monitoring.Collector.Search.Privacy;
using Monitoring.Collector.Search.Sources;
using Monitoring.Elasticsearch.Connection;
using Monitoring.Elasticsearch.Documents;
using Monitoring.Segments;

namespace Monitoring.Collector.Search;

/// <summary>
/// What is known of the server, and everything that must hold before the first document: the key of the hashes can be read, the server is
/// the one that was filled before or gets everything, and templates are in place.
/// </summary>
internal sealed partial class PreparedServer(ElasticsearchSettings settings, SearchDirectory directory, ServerBootstrap bootstrap, ILogger<PreparedServer> logger)
{
    private DocumentPrivacy? privacy;
    private string said = "";

    /// <summary>What is in place; null until it is.</summary>
    public BootstrapReport? Report { get; private set; }

    /// <summary>What is wrong now, in words; null for nothing.</summary>
    public string? Trouble { get; private set; }

    /// <summary>What of persons is sent.</summary>
    /// <exception cref="IOException">Nothing may be sent yet.</exception>
    public DocumentPrivacy Privacy => privacy ?? throw new IOException("the key of the hashes was not read yet");

    /// <summary>Has everything in place when it returns.</summary>
    /// <exception cref="Exception">Something is not; the message says what and what helps.</exception>
    public async Task PrepareAsync(ElasticsearchClient client, IReadOnlyList<IDocumentSource> sources, CancellationToken cancellationToken)
    {
        try
        {
            privacy ??= DocumentPrivacy.Of(settings.Privacy);
            var server = await ConnectAsync(client, cancellationToken).ConfigureAwait(false);
            if (server.ClusterId != FilledCluster()) Refill(server, sources);
            var report = await bootstrap.EnsureAsync(client, server, cancellationToken).ConfigureAwait(false);
            Tell(report);
            (Report, Trouble) = (report, null);
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            Trouble = fault.Message;
            throw;
        }
    }

    /// <summary>True where another server answers than the one that was filled.</summary>
    /// <exception cref="IOException">No node answered.</exception>
    public async Task<bool> IsAnotherAsync(ElasticsearchClient client, CancellationToken cancellationToken) =>
        (await ConnectAsync(client, cancellationToken).ConfigureAwait(false)).ClusterId != FilledCluster();

    /// <summary>Nothing is known of the server any more.</summary>
    public void Forget() => Report = null;

    /// <summary>Something is wrong though it was in order; said once.</summary>
    public void Fails(string words)
    {
        Trouble = words;
        if (words != said) LogTrouble(words);
        said = words;
    }

    private static async Task<ElasticsearchServer> ConnectAsync(ElasticsearchClient client, CancellationToken cancellationToken)
    {
        var server = await client.DetectAsync(cancellationToken).ConfigureAwait(false);
        return server.ClusterId.Length > 0 ? server : throw new BootstrapException($"{server} has not formed a cluster yet");
    }

    private string FilledCluster()
    {
        try
        {
            return File.ReadAllText(directory.ClusterFile, Encoding.UTF8).Trim();
        }
        catch (FileNotFoundException)
        {
            return "";
        }
    }

    /// <summary>Another server than before has nothing of what went to that one: everything that is still kept goes to it.</summary>
    private void Refill(ElasticsearchServer server, IReadOnlyList<IDocumentSource> sources)
    {
        foreach (var source in sources.OfType<IRestartableSource>()) source.Restart();
        // Last: where the process ends before, it is done again.
        DurableFile.Replace(directory.ClusterFile, Encoding.UTF8.GetBytes(server.ClusterId + "\n"));
        LogRefill(server);
    }

    private void Tell(BootstrapReport report)
    {
        if (report.Changed.Count > 0) LogInstalled(report.Changed.Count, report.Server);
        foreach (var note in report.Notes.Where(note => Report is not { } before || !before.Notes.Contains(note))) LogNote(note);
        said = "";
    }

    [LoggerMessage(EventId = 5303, Level = LogLevel.Information, Message = "{Server} is filled with everything that is kept.")]
    private partial void LogRefill(ElasticsearchServer server);

    [LoggerMessage(EventId = 5304, Level = LogLevel.Information, Message = "{Count} templates and policies were put in place at {Server}.")]
    private partial void LogInstalled(int count, ElasticsearchServer server);

    [LoggerMessage(EventId = 5305, Level = LogLevel.Warning, Message = "Elasticsearch: {Note}.")]
    private partial void LogNote(string note);

    [LoggerMessage(EventId = 5306, Level = LogLevel.Warning, Message = "Elasticsearch is not as it should be: {Trouble}. Looking again in a minute.")]
    private partial void LogTrouble(string trouble);
}
