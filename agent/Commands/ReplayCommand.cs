using System.CommandLine;
using System.Globalization;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Agent.Detection.Rules.Files;
using Monitoring.Agent.Recordings;
using Monitoring.Contracts.Recordings;
using Monitoring.Settings.Values;

namespace Monitoring.Agent.Commands;

/// <summary><c>gpu-agent replay</c>: what rules would have made of a recording.</summary>
internal static class ReplayCommand
{
    internal static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "What gpu-agent record wrote." };
        var rules = new Option<string[]>("--rules") { Description = "Rule file; may be given several times. Without any, the shipped rules.", HelpName = "FILE", AllowMultipleArgumentsPerToken = false };
        var shipped = new Option<bool>("--shipped") { Description = "Lay the files over the shipped rules, as the agent does with those of its directory." };
        var against = new Option<string[]>("--against") { Description = "Rule file of a second set: only what differs is shown. 'shipped' names the shipped rules.", HelpName = "FILE", AllowMultipleArgumentsPerToken = false };
        var from = new Option<string?>("--from") { Description = "Begin here: a time such as 2026-01-01T10:00:00Z, or a duration after the start such as 10m.", HelpName = "TIME" };
        var to = new Option<string?>("--to") { Description = "End here, given in the same way.", HelpName = "TIME" };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("replay", "Runs anomaly rules over a recording: what would have fired, cleared and been captured, and when.") { file, rules, shipped, against, from, to, json };
        command.SetAction(result =>
        {
            var error = result.InvocationConfiguration.Error;
            try
            {
                var first = Rules(result.GetValue(rules) ?? [], result.GetValue(shipped), error);
                var second = result.GetValue(against) is { Length: > 0 } others ? Rules(others, result.GetValue(shipped), error) : null;
                if (first is null || (second is null && result.GetValue(against) is { Length: > 0 })) return CommandExit.WrongInput;

                using var stream = File.OpenRead(result.GetRequiredValue(file));
                var started = new RecordingReader(stream).Header.Started;
                stream.Position = 0;
                if (!TryTime(result.GetValue(from), started, out var begin) || !TryTime(result.GetValue(to), started, out var end))
                {
                    error.WriteLine("--from and --to are times such as 2026-01-01T10:00:00Z, or durations after the start such as 10m");
                    return CommandExit.WrongInput;
                }
                var outcome = RuleReplay.Run(stream, second is null ? [first] : [first, second], new ReplayRange(begin, end));
                result.InvocationConfiguration.Output.Write(result.GetValue(json) ? ReplayJson.Text(outcome) : second is null ? ReplayReport.Text(outcome) : ReplayReport.Difference(outcome));
                return CommandExit.Success;
            }
            catch (RecordingException fault)
            {
                error.WriteLine($"{result.GetRequiredValue(file)} {fault.Message}");
                return CommandExit.WrongInput;
            }
            catch (ArgumentException fault)
            {
                error.WriteLine(fault.Message);
                return CommandExit.WrongInput;
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                error.WriteLine(fault.Message);
                return CommandExit.Failure;
            }
        });
        return command;
    }

    /// <summary>The rules of the files; null where they are wrong, which was said then.</summary>
    private static IReadOnlyList<RuleDefinition>? Rules(string[] files, bool withShipped, TextWriter error)
    {
        var named = files.Where(static file => file != "shipped").ToArray();
        var load = RuleLayers.Load(named, withShipped || named.Length < files.Length || files.Length == 0);
        return RuleReport.Mistakes(load, error) ? null : load.Rules;
    }

    private static bool TryTime(string? text, DateTimeOffset started, out long? unixMicroseconds)
    {
        unixMicroseconds = null;
        if (text is null) return true;
        var time = Duration.TryParse(text, out var after) && after < TimeSpan.FromDays(366) ? started + after
            : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var given) ? given : (DateTimeOffset?)null;
        unixMicroseconds = time?.ToUnixTimeMilliseconds() * 1000;
        return time is not null;
    }
}
