using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Monitoring.Cli;

/// <summary>The command line: each command is a file of its own.</summary>
internal static class CommandLine
{
    /// <summary>Variable that names the collector where no option does.</summary>
    internal const string CollectorVariable = "GPUCTL_COLLECTOR";

    private const string DefaultCollector = "http://127.0.0.1:9461";

    /// <summary>Runs a command line to its end.</summary>
    /// <returns>The exit code.</returns>
    internal static async Task<int> RunAsync(string[] args, Surroundings world)
    {
        var collector = new Option<string?>("--collector") { Description = $"Address of the collector; {CollectorVariable} names it otherwise, else {DefaultCollector}.", HelpName = "URL", Recursive = true };
        var by = new Option<string?>("--by") { Description = "Who asks, for the audit; the name of the user otherwise.", HelpName = "NAME", Recursive = true };
        var session = new Session(world, collector, by);
        var root = new RootCommand("Takes captures of GPUs over the collector, and finds them again.")
        {
            collector, by,
            CaptureCommand.Create(session),
            CapturesCommand.Create(session),
            SchedulesCommand.Create(session),
            AuditCommand.Create(session),
        };
        var parsed = root.Parse(args);
        var code = await parsed.InvokeAsync(new InvocationConfiguration { Output = world.Out, Error = world.Error });
        return parsed.Errors.Count > 0 ? ExitCodes.WrongUsage : code;
    }

    /// <summary>The address that was given, or is found in the environment.</summary>
    internal static Uri Address(string? option, Surroundings world)
    {
        var (text, source) = option is { Length: > 0 } given ? (given, "--collector") : world.Variable(CollectorVariable) is { Length: > 0 } set ? (set, CollectorVariable) : (DefaultCollector, "default");
        return Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? address
            : throw new CollectorException(ExitCodes.WrongUsage, $"{source} is '{text}', expected the address of a collector, such as http://collector:9461");
    }

    /// <summary>A duration of the command line, such as 5s or 1m30s; a bare number is refused, since nobody can tell its unit.</summary>
    internal static TimeSpan? Duration(ArgumentResult result)
    {
        var text = result.Tokens is [{ Value: var value }] ? value : "";
        if (Settings.Values.Duration.TryParse(text, out var duration) && duration > TimeSpan.Zero) return duration;
        result.AddError(string.Create(CultureInfo.InvariantCulture, $"'{text}' is no duration, expected such as 5s, 500ms or 1m30s"));
        return null;
    }
}

/// <summary>What every command needs: whom to ask, who asks, and what becomes of faults.</summary>
internal sealed class Session(Surroundings world, Option<string?> collector, Option<string?> by)
{
    internal Surroundings World => world;

    /// <summary>Who asks.</summary>
    internal string By(ParseResult parsed) => parsed.GetValue(by) is { Length: > 0 } name ? name : world.User;

    /// <summary>Runs a command against the collector; what goes wrong is one line and an exit code.</summary>
    internal async Task<int> RunAsync(ParseResult parsed, Func<CollectorClient, Task<int>> run)
    {
        try
        {
            using var client = new CollectorClient(CommandLine.Address(parsed.GetValue(collector), world));
            return await run(client);
        }
        catch (CollectorException fault)
        {
            await world.Error.WriteLineAsync("gpuctl: " + string.Join('\n', fault.Message.Split('\n').Select(Words.Plain)));
            return fault.ExitCode;
        }
    }
}
