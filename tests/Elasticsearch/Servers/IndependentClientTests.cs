using System.Diagnostics;
using System.Globalization;
using FluentAssertions;
using Xunit;

namespace Monitoring.Tests.Elasticsearch.Servers;

/// <summary>The fake driven by clients that others wrote, as Debian packages them: Elastic's own for Python, and rsyslog.</summary>
public sealed class IndependentClientTests
{
    private const string Remedy = "install it with scripts/install-test-clients.sh";

    // Debian's interpreter, which has Debian's modules; another python3 may come first on the PATH.
    private const string SystemPython = "/usr/bin/python3";
    private const string RsyslogModule = "/usr/lib/x86_64-linux-gnu/rsyslog/omelasticsearch.so";


    [Theory]
    [InlineData("7.17.6")]
    [InlineData("8.17.0")]
    public async Task Elastics_own_client_stores_and_hears_of_the_document_that_does_not_fit(string version)
    {
        await RequirePythonAsync();
        await using var server = await SearchServer.FakeAsync(ServerFlavour.All.Single(one => one.Version == version));
        var output = await PythonAsync(server.Address, """
            es = Elasticsearch(url, timeout=10)
            print(es.info()["version"]["number"])
            es.cluster.put_component_template("fields", body={"template": {"mappings": {"properties": {"n": {"type": "long"}}}}})
            es.indices.put_index_template("logs", body={"index_patterns": ["logs-*"], "priority": 510, "composed_of": ["fields"], "template": {"aliases": {"logs": {}}}})
            actions = [{"_op_type": "create", "_index": "logs-2026.11", "_id": str(n), "n": n if n != 3 else "three"} for n in range(5)]
            count, errors = helpers.bulk(es, actions, raise_on_error=False)
            print(count, [(e["create"]["_id"], e["create"]["status"]) for e in errors])
            count, errors = helpers.bulk(es, actions, raise_on_error=False)
            print(count, sorted(e["create"]["status"] for e in errors))
            es.indices.refresh(index="logs")
            print(es.count(index="logs")["count"], es.get(index="logs-2026.11", id="2")["_source"], es.search(index="logs", query={"ids": {"values": ["4"]}})["hits"]["hits"][0]["_id"])
            """);
        output.Should().Be($"""
            {version}
            4 [('3', 400)]
            0 [400, 409, 409, 409, 409]
            4 {"{'n': 2}"} 4

            """);
    }

    [Fact]
    public async Task Elastics_own_client_retries_what_is_rejected()
    {
        await RequirePythonAsync();
        await using var server = await SearchServer.FakeAsync(ServerFlavour.Elasticsearch7);
        server.Front.Plan = new ScriptedFaults(RequestFault.TooManyRequests).WithItem("1", ItemFault.Rejected(server.Flavour), ItemFault.Rejected(server.Flavour));
        var output = await PythonAsync(server.Address, """
            es = Elasticsearch(url, timeout=10)
            print(helpers.bulk(es, [{"_op_type": "create", "_index": "logs", "_id": str(n), "n": n} for n in range(4)], max_retries=5, initial_backoff=0.01, raise_on_error=False))
            """);
        output.Should().Be("(4, [])\n");
        server.Front.Seen.Where(static one => one.Path == "/_bulk").Select(static one => (one.Documents, one.Status)).Should().Equal((4, 429), (4, 200), (1, 200), (1, 200));
    }

    [Fact]
    public async Task Elastics_own_client_is_told_what_is_wrong_with_policies_and_templates()
    {
        await RequirePythonAsync();
        await using var server = await SearchServer.FakeAsync(ServerFlavour.Elasticsearch7);
        var output = await PythonAsync(server.Address, """
            es = Elasticsearch(url, timeout=10)
            hot = {"rollover": {"max_age": "7d", "max_primary_shard_size": "25gb"}, "set_priority": {"priority": 100}}
            print(es.ilm.put_lifecycle(policy="logs", body={"policy": {"phases": {"hot": {"min_age": "0ms", "actions": hot}, "delete": {"min_age": "180d", "actions": {"delete": {}}}}}}))
            print(sorted(es.ilm.get_lifecycle(policy="logs")["logs"]["policy"]["phases"]))
            def refused(phases):
                try:
                    es.ilm.put_lifecycle(policy="wrong", body={"policy": {"phases": phases}})
                except RequestError as e:
                    print(e.status_code, e.error, e.info["error"]["reason"])
            refused({"hot": {"actions": {"delete": {}}}})
            refused({"hot": {"actions": {"roll": {}}}})
            refused({"hot": {"actions": {"forcemerge": {"max_num_segments": 1}}}})
            refused({"lukewarm": {"actions": {}}})
            refused({"hot": {"min_age": "soon", "actions": {}}})
            refused({"hot": {"actions": {"rollover": {"max_age": "7d", "maximum": 1}}}})
            try:
                es.indices.put_index_template("logs", body={"index_patterns": ["logs-*"], "composed_of": ["not-there"]})
            except RequestError as e:
                print(e.status_code, e.error)
            """);
        output.Should().Be("""
            {'acknowledged': True}
            ['delete', 'hot']
            400 illegal_argument_exception invalid action [delete] defined in phase [hot]
            400 named_object_not_found_exception [1:2] unknown field [roll]
            400 illegal_argument_exception the [forcemerge] action(s) may not be used in the [hot] phase without an accompanying [rollover] action
            400 illegal_argument_exception Timeseries lifecycle does not support phase [lukewarm]
            400 illegal_argument_exception failed to parse setting [min_age] with value [soon] as a time value: unit is missing or unrecognized
            400 x_content_parse_exception [1:2] [rollover] unknown field [maximum]
            400 invalid_index_template_exception

            """);
    }

    [Fact]
    public async Task Elastics_own_client_refuses_OpenSearch()
    {
        await RequirePythonAsync();
        await using var server = await SearchServer.FakeAsync(ServerFlavour.OpenSearch2);
        var output = await PythonAsync(server.Address, """
            try:
                Elasticsearch(url).count(index="logs")
            except UnsupportedProductError as e:
                print("unsupported")
            """);
        output.Should().Be("unsupported\n");
    }

    [Fact]
    public async Task Rsyslog_stores_each_line_once_over_rejections_and_a_cut_connection()
    {
        var rsyslog = Requirement.FindProgram("rsyslogd", "/usr/sbin");
        Requirement.That(rsyslog is not null && File.Exists(RsyslogModule), $"rsyslog with omelasticsearch (rsyslog-elasticsearch) is not installed; {Remedy}");
        await using var server = await SearchServer.FakeAsync(ServerFlavour.Elasticsearch7);
        server.Front.Plan = new ScriptedFaults(RequestFault.Of(RequestFaultKind.CutAfterStoring), RequestFault.ServiceUnavailable)
            .WithItem("line-003", ItemFault.Rejected(server.Flavour)).WithItem("line-007", ItemFault.Rejected(server.Flavour), ItemFault.Rejected(server.Flavour));
        var folder = Directory.CreateTempSubdirectory("rsyslog-");
        try
        {
            var lines = Enumerable.Range(1, 20).Select(static number => string.Create(CultureInfo.InvariantCulture, $"line-{number:D3}")).ToList();
            await File.WriteAllLinesAsync(Path.Combine(folder.FullName, "lines.log"), lines);
            var configuration = Path.Combine(folder.FullName, "rsyslog.conf");
            await File.WriteAllTextAsync(configuration, RsyslogConfiguration(folder.FullName, server.Address, action: "queue.type=\"LinkedList\""));
            using var process = Process.Start(new ProcessStartInfo(rsyslog!, ["-n", "-i", Path.Combine(folder.FullName, "pid"), "-f", configuration]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            var errors = process.StandardError.ReadToEndAsync();
            List<StoredDocument> stored = [];
            await Eventually.HoldsAsync(() => $"{lines.Count} documents come, of which {stored.Count} came", async () => (stored = await server.ReadAllAsync("rsyslog-*")).Count >= lines.Count);
            process.Kill();
            await process.WaitForExitAsync();
            stored.Select(static document => document.Id).Order(StringComparer.Ordinal).Should().Equal(lines, await errors);
            stored.Should().OnlyContain(static document => document.Version == 1);
            server.Front.Seen.Where(static one => one.Path == "/_bulk").Should().OnlyContain(static one => one.ContentType!.StartsWith("application/json", StringComparison.Ordinal));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>rsyslog reads lines of a file and creates a document of each; what is rejected comes back as a message whose properties are the document.</summary>
    internal static string RsyslogConfiguration(string folder, Uri server, string action) => $$"""
        global(workDirectory="{{folder}}")
        module(load="imfile")
        module(load="omelasticsearch")
        template(name="document" type="string" string="%$!all-json%")
        template(name="id" type="string" string="%$!id%")
        ruleset(name="store") {
          if strlen($!id) == 0 then {
            set $!id = $msg;
            set $!message = $msg;
          }
          action(type="omelasticsearch" server="{{server.Host}}" serverport="{{server.Port.ToString(CultureInfo.InvariantCulture)}}" usehttps="off" searchIndex="rsyslog-2026.11" searchType=""
            bulkmode="on" writeoperation="create" bulkid="id" dynbulkid="on" template="document" retryfailures="on" retryruleset="store"
            errorfile="{{folder}}/errors.json" action.resumeRetryCount="-1" action.resumeInterval="1" {{action}})
        }
        input(type="imfile" File="{{folder}}/lines.log" Tag="test:" ruleset="store")

        """;

    private static async Task RequirePythonAsync()
    {
        Requirement.That(File.Exists(SystemPython), $"{SystemPython} is missing; python3-elasticsearch needs it, {Remedy}");
        var (code, _) = await RunAsync("import elasticsearch");
        Requirement.That(code == 0, $"python3-elasticsearch is not installed; {Remedy}");
    }

    private static async Task<string> PythonAsync(Uri server, string program)
    {
        var (code, output) = await RunAsync($"""
            import warnings
            warnings.simplefilter("ignore")
            from elasticsearch import Elasticsearch, RequestError, UnsupportedProductError, helpers
            url = "{server}"
            {program}
            """);
        code.Should().Be(0, output);
        return output;
    }

    private static async Task<(int Code, string Output)> RunAsync(string program)
    {
        using var process = Process.Start(new ProcessStartInfo(SystemPython, ["-c", program]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var patience = new CancellationTokenSource(Eventually.Patience);
        try
        {
            var error = process.StandardError.ReadToEndAsync(patience.Token);
            var output = await process.StandardOutput.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, process.ExitCode == 0 ? output : output + await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
