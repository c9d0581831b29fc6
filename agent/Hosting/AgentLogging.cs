using System.Globalization;
using Serilog;
using Serilog.Events;
using Serilog.Formatting.Json;

namespace Monitoring.Agent.Hosting;

/// <summary>The agent's log: Serilog to standard output, which systemd's journal takes.</summary>
internal static class AgentLogging
{
    private const string Template = "{Timestamp:yyyy-MM-ddTHH:mm:ss.fffzzz} {Level:u4} {SourceContext} {Message:lj}{NewLine}{Exception}";

    internal static Serilog.Core.Logger Create(LogSettings settings)
    {
        var level = (LogEventLevel)Math.Clamp((int)settings.Level, (int)LogEventLevel.Verbose, (int)LogEventLevel.Fatal);
        var configuration = new LoggerConfiguration()
            .MinimumLevel.Is(level)
            // The framework's own voice says nothing below a warning that an operator acts on.
            .MinimumLevel.Override("Microsoft", level > LogEventLevel.Warning ? level : LogEventLevel.Warning);
        return (settings.Format == LogFormat.Json
            ? configuration.WriteTo.Console(new JsonFormatter(renderMessage: true, formatProvider: CultureInfo.InvariantCulture))
            : configuration.WriteTo.Console(outputTemplate: Template, formatProvider: CultureInfo.InvariantCulture)).CreateLogger();
    }
}
