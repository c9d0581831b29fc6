using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Monitoring.Contracts.Commands;

namespace Monitoring.Cli;

/// <summary><c>gpuctl captures</c>: finds captures again, shows, downloads, compares, pins and takes them back.</summary>
internal static class CapturesCommand
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static Argument<string> Id => new("ID") { Description = "Id of the capture: 32 hexadecimal digits." };

    internal static Command Create(Session session) => new("captures", "Finds captures again: list, show, download, compare, pin, cancel.")
    {
        List(session),
        Show(session),
        Download(session),
        Cancel(session),
        Change(session, "pin", "Keeps a capture until it is unpinned.", HttpMethod.Post, "/pin", "pinned"),
        Change(session, "unpin", "Leaves a capture to the limits of age and bytes again.", HttpMethod.Delete, "/pin", "unpinned"),
        Change(session, "delete", "Removes a capture that is over from the collector.", HttpMethod.Delete, "", "deleted"),
        Compare(session),
    };

    private static Command List(Session session)
    {
        Option<string?>[] filters =
        [
            new("--node") { Description = "Only of this node.", HelpName = "NODE" },
            new("--gpu") { Description = "Only of this GPU of the node.", HelpName = "INDEX" },
            new("--job") { Description = "Only of this job.", HelpName = "ID" },
            new("--rule") { Description = "Only of this rule.", HelpName = "NAME" },
            new("--trigger") { Description = "Only those that a rule, person, schedule, alert or control asked for.", HelpName = "KIND" },
            new("--stage") { Description = "Only those that stand there, such as done.", HelpName = "STAGE" },
            new("--since") { Description = "Only from then on, such as 2026-01-31T12:00:00Z.", HelpName = "TIME" },
            new("--until") { Description = "Only before then.", HelpName = "TIME" },
            new("--text") { Description = "Only those whose summary has these words.", HelpName = "WORDS" },
        ];
        var limit = new Option<int>("--limit") { Description = "How many, the newest first.", HelpName = "N", DefaultValueFactory = static _ => 20 };
        var json = Json();
        var command = new Command("list", "Lists captures, newest first.") { limit, json };
        foreach (var filter in filters) command.Add(filter);
        command.SetAction((parsed, cancellationToken) => session.RunAsync(parsed, async client =>
        {
            var query = string.Concat(filters.Select(filter => parsed.GetValue(filter) is { Length: > 0 } value ? $"&{filter.Name[2..]}={Uri.EscapeDataString(value)}" : ""));
            using var page = await client.GetAsync(string.Create(CultureInfo.InvariantCulture, $"api/v1/captures?limit={parsed.GetValue(limit)}{query}"), cancellationToken);
            if (parsed.GetValue(json)) return await WriteAsync(session, page.RootElement);
            await session.World.Out.WriteLineAsync($"{"ID",-32}  {"TIME",-20}  {"NODE",-20}  {"STAGE",-10}  {"BY",-24}  WORDS");
            if (!page.RootElement.TryGetProperty("captures", out var rows) || rows.ValueKind != JsonValueKind.Array) return ExitCodes.Done;
            foreach (var row in rows.EnumerateArray())
                await session.World.Out.WriteLineAsync(Words.Plain($"{row.Text("id"),-32}  {Words.Time(row.Text("time")),-20}  {row.Text("node"),-20}  {row.Text("stage"),-10}  {$"{row.Text("trigger")} {row.Text("trigger_name")}",-24}  {row.Text("words")}").TrimEnd());
            return ExitCodes.Done;
        }));
        return command;
    }

    private static Command Show(Session session)
    {
        var id = Id;
        var json = Json();
        var command = new Command("show", "Shows a capture: who asked, where it stands, its files and what they say.") { id, json };
        command.SetAction((parsed, cancellationToken) => session.RunAsync(parsed, async client =>
        {
            using var found = await client.GetAsync($"api/v1/captures/{Uri.EscapeDataString(parsed.GetRequiredValue(id))}", cancellationToken);
            if (parsed.GetValue(json)) return await WriteAsync(session, found.RootElement);
            await CaptureText.WriteAsync(session.World.Out, found.RootElement);
            return ExitCodes.Done;
        }));
        return command;
    }

    private static Command Download(Session session)
    {
        var id = Id;
        var file = new Option<string?>("--file") { Description = "One file of the capture; without it all, as one tar.", HelpName = "NAME" };
        var to = new Option<string?>("--output") { Description = "File to write, - for standard output; without it the file's own name here.", HelpName = "PATH" };
        var command = new Command("download", "Downloads the files of a capture.") { id, file, to };
        command.SetAction((parsed, cancellationToken) => session.RunAsync(parsed, async client =>
        {
            var capture = parsed.GetRequiredValue(id);
            var name = parsed.GetValue(file);
            var path = $"api/v1/captures/{Uri.EscapeDataString(capture)}/{(name is null ? "bundle.tar" : $"files/{Uri.EscapeDataString(name)}")}";
            using var response = await client.OpenAsync(path, cancellationToken);
            return await Downloads.SaveAsync(response, parsed.GetValue(to) ?? Path.Combine(session.World.Directory, Path.GetFileName(name ?? $"capture-{capture}.tar")), session.World, cancellationToken);
        }));
        return command;
    }

    private static Command Cancel(Session session)
    {
        var id = Id;
        var command = new Command("cancel", "Takes back a capture: out of the queue, or ends it and throws away what it has.") { id };
        command.SetAction((parsed, cancellationToken) => session.RunAsync(parsed, async client =>
        {
            var path = $"api/v1/captures/{Uri.EscapeDataString(parsed.GetRequiredValue(id))}/cancel?by={Uri.EscapeDataString(session.By(parsed))}";
            var answer = JsonSerializer.Deserialize(await client.SendAsync(HttpMethod.Post, path, cancellationToken), OrderJson.Readable.OrderedCapture);
            await session.World.Out.WriteLineAsync($"{answer?.Id}: {Words.Plain(answer?.Words ?? "")}");
            return ExitCodes.Done;
        }));
        return command;
    }

    private static Command Change(Session session, string name, string help, HttpMethod method, string behind, string done)
    {
        var id = Id;
        var command = new Command(name, help) { id };
        command.SetAction((parsed, cancellationToken) => session.RunAsync(parsed, async client =>
        {
            var capture = parsed.GetRequiredValue(id);
            await client.SendAsync(method, $"api/v1/captures/{Uri.EscapeDataString(capture)}{behind}?by={Uri.EscapeDataString(session.By(parsed))}", cancellationToken);
            await session.World.Out.WriteLineAsync($"{capture}: {done}");
            return ExitCodes.Done;
        }));
        return command;
    }

    private static Command Compare(Session session)
    {
        var before = new Argument<string>("A") { Description = "Id of the capture before, or of the healthy peer." };
        var after = new Argument<string>("B") { Description = "Id of the capture after, or of the victim." };
        var json = Json();
        var command = new Command("compare", "Compares the summaries of two captures: what differs most, in sentences.") { before, after, json };
        command.SetAction((parsed, cancellationToken) => session.RunAsync(parsed, async client =>
        {
            using var found = await client.GetAsync($"api/v1/captures/compare?before={Uri.EscapeDataString(parsed.GetRequiredValue(before))}&after={Uri.EscapeDataString(parsed.GetRequiredValue(after))}", cancellationToken);
            if (parsed.GetValue(json)) return await WriteAsync(session, found.RootElement);
            foreach (var sentence in CaptureText.Sentences(found.RootElement, "words")) await session.World.Out.WriteLineAsync(Words.Plain(sentence));
            return ExitCodes.Done;
        }));
        return command;
    }

    private static Option<bool> Json() => new("--json") { Description = "The collector's own answer." };

    private static async Task<int> WriteAsync(Session session, JsonElement value)
    {
        using var text = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(text, Indented)) value.WriteTo(writer);
        await session.World.Out.WriteLineAsync(System.Text.Encoding.UTF8.GetString(text.ToArray()));
        return ExitCodes.Done;
    }
}
