using System.Globalization;
using Monitoring.Collector.Logs;
using Monitoring.Settings.Logs;
using Serilog;
using Serilog.Events;
using Serilog.Formatting.Json;

namespace Monitoring.Collector;

/// <summary>The collector's log: Serilog to standard output, which systemd's journal takes, and among the lines that it keeps of all nodes.</summary>
internal static class CollectorLogging
{
    private const string Template = "{Timestamp:yyyy-MM-ddTHH:mm:ss.fffzzz} {Level:u4} {SourceContext} {Message:lj}{NewLine}{Exception}";

    /// <summary>The logger.</summary>
    /// <param name="settings">What goes to standard output, and how.</param>
    /// <param name="ownLevel">What is kept.</param>
    /// <param name="own">Takes what is kept.</param>
    internal static Serilog.Core.Logger Create(LogSettings settings, LogThreshold ownLevel, OwnLogSink own)
    {
        var configuration = new LoggerConfiguration();
        var least = settings.Level < ownLevel ? settings.Level : ownLevel;
        if (least == LogThreshold.None) return configuration.CreateLogger();
        // From trace to critical both count from 0.
        var level = (LogEventLevel)least;
        configuration.MinimumLevel.Is(level)
            // Requests are on the metrics page; the framework's own voice below a warning is nothing that an operator acts on.
            .MinimumLevel.Override("Microsoft.AspNetCore", level > LogEventLevel.Warning ? level : LogEventLevel.Warning);
        if (ownLevel != LogThreshold.None) configuration.WriteTo.Sink(own, (LogEventLevel)ownLevel);
        if (settings.Level == LogThreshold.None) return configuration.CreateLogger();
        return (settings.Format == LogFormat.Json
            ? configuration.WriteTo.Console(new JsonFormatter(renderMessage: true, formatProvider: CultureInfo.InvariantCulture), (LogEventLevel)settings.Level)
            : configuration.WriteTo.Console((LogEventLevel)settings.Level, Template, CultureInfo.InvariantCulture)).CreateLogger();
    }
}
