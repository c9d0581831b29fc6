using System.CommandLine;
using Monitoring.Agent.Commands;
using Monitoring.Agent.Hosting;
using Monitoring.Settings;

namespace Monitoring.Agent;

/// <summary>The command line of <c>gpu-agent</c>; each command is a file in agent/Commands.</summary>
internal static class Program
{
    /// <summary>Exit code of a command line that cannot be read, EX_USAGE of sysexits.h: 1 to 3 are answers of <c>gpu-agent check</c>.</summary>
    internal const int WrongUsage = 64;
    internal const string EnvironmentPrefix = "GPU_AGENT_";

    /// <summary>The file agent/agent.yaml.</summary>
    internal static string DefaultConfiguration => SettingsDocument.Yaml<AgentSettings>("Configuration of gpu-agent; every key is shown with its default.\nAfter a change: gpu-agent check-config --config FILE, then systemctl restart gpu-agent");

    internal static int Main(string[] args)
    {
        var root = new RootCommand("Monitors the NVIDIA GPUs of this node.")
        {
            Configuration.FileOption,
            Configuration.SetOption,
            RunCommand.Create(),
            CheckCommand.Create(),
            DoctorCommand.Create(),
            CaptureCommand.Create(),
            CapturesCommand.Create(),
            CheckConfigCommand.Create(),
            ListMetricsCommand.Create(),
            DefaultConfigCommand.Create(),
            CheckRulesCommand.Create(),
            ListRulesCommand.Create(),
            RecordCommand.Create(),
            ReplayCommand.Create(),
            ReplayLogsCommand.Create(),
        };
        root.SetAction(RunCommand.Run);
        var parsed = root.Parse(args);
        var code = parsed.Invoke();
        return parsed.Errors.Count > 0 ? WrongUsage : code;
    }
}
