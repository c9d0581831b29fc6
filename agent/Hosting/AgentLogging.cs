using System.Globalization;
using Monitoring.Settings.Logs;
using Serilog;
using Serilog.Events;
using Serilog.Formatting.Json;

namespace Monitoring.Agent.Hosting;

/// <summary>The agent's log: Serilog to standard output, which systemd's journal takes, and to where its lines are collected.</summary>
internal static class AgentLogging
{
    private const string Template = "{Timestamp:yyyy-MM-ddTHH:mm:ss.fffzzz} {Level:u4} {SourceContext} {Message:lj}{NewLine}{Exception}";

    internal static Serilog.Core.Logger Create(LogSettings settings, LogShipping shipping)
    {
        var configuration = new LoggerConfiguration();
        var least = settings.Level < shipping.Level ? settings.Level : shipping.Level;
        if (least == LogThreshold.None) return configuration.CreateLogger();
        // From trace to critical both count from 0.
        var level = (LogEventLevel)least;
        configuration
            .MinimumLevel.Is(level)
            // The framework's own voice says nothing below a warning that an operator acts on.
            .MinimumLevel.Override("Microsoft", level > LogEventLevel.Warning ? level : LogEventLevel.Warning);
        shipping.AddTo(configuration);
        if (settings.Level == LogThreshold.None) return configuration.CreateLogger();
        return (settings.Format == LogFormat.Json
            ? configuration.WriteTo.Console(new JsonFormatter(renderMessage: true, formatProvider: CultureInfo.InvariantCulture), (LogEventLevel)settings.Level)
            : configuration.WriteTo.Console((LogEventLevel)settings.Level, Template, CultureInfo.InvariantCulture)).CreateLogger();
    }
}
