using System.CommandLine;
using System.Globalization;
using Monitoring.Contracts.Commands;

namespace Monitoring.Cli;

/// <summary><c>gpuctl audit</c>: who asked for which captures, and what became of it.</summary>
internal static class AuditCommand
{
    internal static Command Create(Session session)
    {
        Option<string?>[] filters =
        [
            new("--action") { Description = $"Only these: {string.Join(", ", AuditActions.All)}.", HelpName = "ACTION" },
            new("--outcome") { Description = $"Only these: {string.Join(", ", AuditOutcomes.All)}.", HelpName = "OUTCOME" },
            // --by says who asks now.
            new("--of") { Description = "Only what this person, rule, alert or schedule asked.", HelpName = "NAME" },
            new("--node") { Description = "Only of this node.", HelpName = "NODE" },
            new("--capture") { Description = "Only of this capture.", HelpName = "ID" },
            new("--since") { Description = "Only from then on, such as 2026-01-31T12:00:00Z.", HelpName = "TIME" },
            new("--until") { Description = "Only before then.", HelpName = "TIME" },
        ];
        var limit = new Option<int>("--limit") { Description = "How many, the newest first.", HelpName = "N", DefaultValueFactory = static _ => 50 };
        var command = new Command("audit", "Shows who asked for which captures, and what became of it.") { limit };
        foreach (var filter in filters) command.Add(filter);
        command.SetAction((parsed, cancellationToken) => session.RunAsync(parsed, async client =>
        {
            var query = string.Concat(filters.Select(filter => parsed.GetValue(filter) is { Length: > 0 } value ? $"&{(filter.Name == "--of" ? "by" : filter.Name[2..])}={Uri.EscapeDataString(value)}" : ""));
            var page = await client.GetAsync(string.Create(CultureInfo.InvariantCulture, $"api/v1/captures/audit?limit={parsed.GetValue(limit)}{query}"), OrderJson.Readable.AuditPage, cancellationToken);
            foreach (var entry in page.Entries) await session.World.Out.WriteLineAsync(Line(entry));
            return ExitCodes.Done;
        }));
        return command;
    }

    private static string Line(AuditEntry entry)
    {
        var outcome = entry.Refusal is { } refusal ? $"{entry.Outcome} ({Words.Of(refusal)})" : entry.Outcome;
        var parts = new[] { entry.Node, entry.Capture, entry.Words }.Where(static part => part.Length > 0);
        return Words.Plain($"{entry.Time.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)}  {entry.Action,-15}  {outcome,-20}  {entry.By}{(entry.Remote.Length > 0 ? $" from {entry.Remote}" : "")}: {string.Join(" ", parts)}");
    }
}
