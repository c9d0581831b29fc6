using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Collector.Search;
using Monitoring.Collector.Search.Bootstrap;
using Monitoring.Collector.Search.Privacy;
using Monitoring.Elasticsearch.Connection;
using Monitoring.Elasticsearch.DeadLetters;
using Monitoring.Elasticsearch.Delivery;

namespace Monitoring.Collector;

/// <summary>The commands <c>gpu-collector elasticsearch templates</c>, <c>check</c>, <c>replay</c> and <c>hash</c>: what people do by hand.</summary>
internal static class ElasticsearchCommands
{
    private const int Failed = 1;

    // The newest of each that was tried; other versions are asked for by --server-version.
    private const string UsualElasticsearch = "8.0";
    private const string UsualOpenSearch = "2.19";

    // How long a replay goes on without anything being settled.
    private const int UsualPatienceSeconds = 60;

    /// <summary>The command with what belongs to it.</summary>
    /// <param name="withSettings">Runs something with the settings of a command line, or reports their mistakes.</param>
    public static Command Make(Func<ParseResult, Func<CollectorSettings, Task<int>>, Task<int>> withSettings)
    {
        var flavor = new Option<Flavor>("--flavor") { Description = "What the server is: elasticsearch or opensearch.", HelpName = "NAME", DefaultValueFactory = static _ => Flavor.Elasticsearch };
        var version = new Option<string>("--server-version") { Description = "Version of the server, such as 7.17.", HelpName = "N.N", DefaultValueFactory = static _ => "" };
        var templates = new Command("templates", "Prints templates and policies as requests for the console of Kibana or OpenSearch Dashboards, for those who install them by hand.") { flavor, version };
        templates.SetAction((parsed, _) => withSettings(parsed, settings => Task.FromResult(Print(settings, parsed.GetValue(flavor), parsed.GetValue(version) ?? ""))));

        var check = new Command("check", "Looks at the server and changes nothing: what answers, what is in place, what is missing.");
        check.SetAction((parsed, cancellationToken) => withSettings(parsed, settings => CheckAsync(settings, cancellationToken)));

        var patience = new Option<int>("--patience") { Description = "Seconds after which a replay ends in which nothing is settled.", HelpName = "SECONDS", DefaultValueFactory = static _ => UsualPatienceSeconds };
        var replay = new Command("replay", "Sends once more what the server refused for good (dead letters), as after a mapping was mended; also while the collector runs.") { patience };
        replay.SetAction((parsed, cancellationToken) => withSettings(parsed, settings => ReplayAsync(settings, TimeSpan.FromSeconds(Math.Max(1, parsed.GetValue(patience))), cancellationToken)));

        var value = new Argument<string>("VALUE") { Description = "A user name, command line, path or address." };
        var hash = new Command("hash", "Prints what stands in documents for a value that is hashed (elasticsearch.privacy), to search for it.") { value };
        hash.SetAction((parsed, _) => withSettings(parsed, settings => Task.FromResult(Hash(settings, parsed.GetValue(value) ?? ""))));

        return new Command("elasticsearch", "What people do by hand with Elasticsearch or OpenSearch.") { templates, check, replay, hash };
    }

    private static int Print(CollectorSettings settings, Flavor flavor, string version)
    {
        var isOpenSearch = flavor == Flavor.OpenSearch;
        if (version.Length == 0) version = isOpenSearch ? UsualOpenSearch : UsualElasticsearch;
        if (!Version.TryParse(version.Contains('.', StringComparison.Ordinal) ? version : version + ".0", out var parsed))
        {
            Console.Error.WriteLine($"--server-version is '{version}', expected numbers such as 7.17 or 2.19.1");
            return Failed;
        }
        var (policies, _) = LifecycleProbe.Choose(settings.Elasticsearch.Lifecycle, isOpenSearch ? LifecycleSupport.Ism : LifecycleSupport.Ilm);
        var parts = new ServerParts(MappingTypes.Of(isOpenSearch, parsed.Major, parsed.Minor), policies, settings.Elasticsearch.Streams, SearchStages.Places(settings));
        Console.Out.Write(string.Join('\n', parts.All().Select(static part => part.ToConsole())));
        return 0;
    }

    private static async Task<int> CheckAsync(CollectorSettings settings, CancellationToken cancellationToken)
    {
        if (!IsUsed(settings)) return Failed;
        try
        {
            if (settings.Elasticsearch.Privacy.NeedsKey) PrivacyKey.Read(settings.Elasticsearch.Privacy.KeyFile);
            using var client = new ElasticsearchClient(settings.Elasticsearch.Connection, TimeProvider.System, NullLogger.Instance);
            var (isGood, words) = await new BootstrapInspection(settings.Elasticsearch, SearchStages.Places(settings)).LookAsync(client, cancellationToken);
            foreach (var line in words) await Console.Out.WriteLineAsync(line);
            return isGood ? 0 : Failed;
        }
        catch (Exception fault) when (fault is IOException or InvalidDataException)
        {
            await Console.Error.WriteLineAsync(fault.Message);
            return Failed;
        }
    }

    private static async Task<int> ReplayAsync(CollectorSettings settings, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (!IsUsed(settings)) return Failed;
        try
        {
            var options = new DeliveryOptions { DeadLetterDirectory = SearchDirectory.Of(settings.StateDirectoryPath).DeadLetters, DeadLetterBytes = settings.Elasticsearch.DeadLetterBytes };
            var result = await DeadLetterReplay.RunAsync(settings.Elasticsearch.Connection, options, patience, TimeProvider.System, NullLogger<ElasticsearchDelivery>.Instance, cancellationToken);
            await Console.Out.WriteLineAsync(result.Words);
            if (result.Left > 0) await Console.Error.WriteLineAsync("What is left was not answered: see `gpu-collector elasticsearch check`, and replay again.");
            return result.IsClean ? 0 : Failed;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(fault.Message);
            return Failed;
        }
    }

    private static int Hash(CollectorSettings settings, string value)
    {
        var path = settings.Elasticsearch.Privacy.KeyFile;
        if (path.Length == 0)
        {
            Console.Error.WriteLine("elasticsearch.privacy.key_file is empty: nothing is hashed without a key.");
            return Failed;
        }
        try
        {
            Console.Out.WriteLine(PrivacyKey.Read(path).Hash(value));
            return 0;
        }
        catch (IOException fault)
        {
            Console.Error.WriteLine(fault.Message);
            return Failed;
        }
    }

    private static bool IsUsed(CollectorSettings settings)
    {
        if (settings.Elasticsearch.IsUsed) return true;
        Console.Error.WriteLine("elasticsearch.connection.urls is empty: name the servers, such as --set elasticsearch.connection.urls=https://search-1.example:9200");
        return false;
    }

    private enum Flavor
    {
        Elasticsearch,
        OpenSearch,
    }
}
