using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Devices.Files;
using Monitoring.Agent.Hosting;
using Monitoring.Elasticsearch.DeadLetters;
using Monitoring.Elasticsearch.Delivery;

namespace Monitoring.Agent.Commands;

/// <summary><c>gpu-agent replay-logs</c>: sends the agent's log lines once more that the collector or Elasticsearch refused for good.</summary>
internal static class ReplayLogsCommand
{
    // How long it goes on without anything being settled.
    private const int UsualPatienceSeconds = 60;

    internal static Command Create()
    {
        var patience = new Option<int>("--patience") { Description = "Seconds after which it ends when nothing is settled.", HelpName = "SECONDS", DefaultValueFactory = static _ => UsualPatienceSeconds };
        var command = new Command("replay-logs", "Sends log lines of this agent once more that were refused for good (dead letters), as after a mapping was mended; beside a running agent too.") { patience };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            if (Configuration.Load(parsed) is not { } settings) return CommandExit.WrongInput;
            if (new LogShipping(settings, TimeProvider.System).Replay() is not var (connection, directory))
            {
                await error.WriteLineAsync("Nothing is sent, or nothing kept: set collector.endpoint, or log.ship: elasticsearch with log.elasticsearch.urls, and state_directory.");
                return CommandExit.Failure;
            }
            if (Environment.IsPrivilegedProcess && FileOwner.Of(directory) is { } owner and not FileOwner.Root)
            {
                await error.WriteLineAsync($"{directory} belongs to user {owner}, and what root adds to it the agent could not write any more: run this as that user (docs/logs.md has the line for systemd).");
                return CommandExit.Failure;
            }
            try
            {
                var result = await DeadLetterReplay.RunAsync(connection, new DeliveryOptions { DeadLetterDirectory = directory, RequestsAtOnce = 1 },
                    TimeSpan.FromSeconds(Math.Max(1, parsed.GetValue(patience))), TimeProvider.System, NullLogger<ElasticsearchDelivery>.Instance, cancellationToken);
                await output.WriteLineAsync(result.Words);
                if (result.Left > 0) await error.WriteLineAsync("What is left was not answered: see to the server, and replay again.");
                return result.IsClean ? CommandExit.Success : CommandExit.Failure;
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                await error.WriteLineAsync(fault.Message);
                return CommandExit.Failure;
            }
        });
        return command;
    }
}
