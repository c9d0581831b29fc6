using System.Net;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Collector.Commands;
using Monitoring.Collector.Schedules;
using Monitoring.Contracts.Commands;
using Xunit;

namespace Monitoring.Tests.Collector.Commands;

/// <summary>Whatever people, agents and Alertmanager send, the answer is one that they can act on.</summary>
public sealed class CommandFuzzTests
{
    private static readonly string[] Values =
    [
        "null", "1", "-1", "1e400", "\"\"", "\"x\"", "[]", "[null]", "{}", "true", "\"\\ud800\"", "[\"x\",\"\"]", "[1,-1,99999999999]", "\"2026-01-01T00:00:00Z\"", "\"n1\"", "0.5", "\"all\"", "\"node=*,gpu=0\"",
        "\"4\"", "\"firing\"", "{\"node\":\"n1\",\"capture\":\"true\"}", "{\"node\":null}", "[{\"status\":\"firing\",\"fingerprint\":\"f\",\"labels\":{\"node\":\"n1\",\"capture\":\"true\"}}]", "[{\"labels\":{\"gpu\":\"x\"}}]",
    ];

    [Fact]
    public async Task Orders_leases_words_alerts_and_schedules_of_any_shape_never_make_an_error_of_the_server()
    {
        await using var collector = await RunningCollector.StartAsync();
        await using var agent = await AgentStream.OpenAsync(collector.Client, "n1");
        (HttpMethod Method, string Path, string[] Names)[] targets =
        [
            (HttpMethod.Post, "/api/v1/captures", ["node", "nodes", "gpus", "uuids", "job", "all", "selector", "pid", "duration_seconds", "profilers", "start_at", "by", "reason", "pin", "control", "force", "x"]),
            (HttpMethod.Post, "/v1/captures/leases", ["capture", "cluster", "node", "rule", "gpu", "job", "duration_seconds", "wants_control", "profilers"]),
            (HttpMethod.Post, "/v1/captures/progress", ["id", "node", "sequence", "time", "stage", "words", "fraction", "refusal", "profilers"]),
            (HttpMethod.Post, "/api/v1/alertmanager", ["version", "alerts", "receiver", "status", "groupLabels"]),
            (HttpMethod.Put, "/api/v1/schedules/s", ["name", "cron", "time_zone", "selector", "duration_seconds", "profilers", "misfire", "by"]),
        ];
        foreach (var (method, path, names) in targets)
        {
            var properties = Gen.ListOf(Gen.Zip(Gen.Elements(names), Gen.Elements(Values))).ToArbitrary();
            Prop.ForAll(properties, list => IsAnswered(collector, method, path, "{" + string.Join(",", list.Select(static property => $"\"{property.Item1}\":{property.Item2}")) + "}")).Check(Fuzzing.Cases(150));
            Prop.ForAll<byte[]>(bytes => IsAnswered(collector, method, path, Encoding.Latin1.GetString(bytes))).Check(Fuzzing.Cases(50));
        }
    }

    [Fact]
    public void Selectors_of_any_text_are_read_or_named()
    {
        var words = Gen.ListOf(Gen.Elements("node", "=", ",", "*", "?", "gpu", "uuid", "job", "all", "0", "-1", "n1", " ", "\n", "é", "1023", "1024")).Select(static list => string.Concat(list)).ToArbitrary();
        Prop.ForAll(words, static text =>
        {
            var problems = new List<FieldProblem>();
            var selector = NodeSelector.Parse(text, "selector", problems);
            return (problems.Count > 0 || selector.IsEmpty || selector.Nodes.Count > 0 || selector.All || selector.Job.Length > 0) && selector.Gpus.All(static gpu => gpu is >= 0 and <= 1023);
        }).Check(Fuzzing.Cases(2000));
    }

    [Fact]
    public void A_pattern_means_what_a_regular_expression_of_it_means()
    {
        var letters = Gen.ListOf(Gen.Elements('a', 'b', '*', '?')).Select(static list => new string([.. list])).ToArbitrary();
        var names = Gen.ListOf(Gen.Elements('a', 'b')).Select(static list => new string([.. list]) + "a").ToArbitrary();
        Prop.ForAll(letters, names, static (pattern, name) =>
        {
            if (pattern.AsSpan().IndexOfAny('*', '?') < 0) return true;
            var expected = System.Text.RegularExpressions.Regex.IsMatch(name, "^" + pattern.Replace("*", ".*", StringComparison.Ordinal).Replace('?', '.') + "$");
            return new NodeSelector { Nodes = [pattern] }.Resolve([name], Jobs()).Count == (expected ? 1 : 0);
        }).Check(Fuzzing.Cases(2000));
    }

    [Fact]
    public void Times_of_any_text_are_read_or_named()
    {
        var clock = new ManualTimeProvider();
        var fields = Gen.ListOf(Gen.Elements("*", "?", "0", "3", "59", "60", "*/5", "1-7", "MON", "L", "W", "#", "2099", "/", ",", "@daily", "-1", "99999999999", "H", "5L", "1W", "é")).Select(static list => string.Join(' ', list)).ToArbitrary();
        Prop.ForAll(fields, text =>
        {
            var problems = new List<FieldProblem>();
            var schedule = CaptureSchedule.Of(new ScheduleDefinition { Name = "s", Cron = text, Selector = "all" }, new CommandSettings(), clock, problems);
            return schedule is null ? problems.Count > 0 : schedule.NextAfter(clock.GetUtcNow()) is not null;
        }).Check(Fuzzing.Cases(1000));
    }

    private static Monitoring.Collector.Fleet.JobDirectory Jobs() => new(new Monitoring.Collector.Series.SeriesStore(new Monitoring.Collector.Series.SeriesSettings(), TimeProvider.System), TimeProvider.System);

    private static bool IsAnswered(RunningCollector collector, HttpMethod method, string path, string body)
    {
        var (status, text) = collector.Client.SendAsync(method, path, body).GetAwaiter().GetResult();
        using var json = JsonDocument.Parse(text);
        return status < HttpStatusCode.InternalServerError;
    }
}
