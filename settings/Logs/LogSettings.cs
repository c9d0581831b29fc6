namespace Monitoring.Settings.Logs;

/// <summary>How a program of this product speaks; the same words for each of them.</summary>
[SettingsSection("How the log is written, which goes to standard output.")]
public class LogSettings
{
    /// <summary>What is written.</summary>
    [Setting("Least level that is written; none writes nothing.")]
    public LogThreshold Level { get; set; } = LogThreshold.Information;

    /// <summary>How it is written.</summary>
    [Setting("Plain lines, or one JSON object a line.")]
    public LogFormat Format { get; set; } = LogFormat.Text;
}

/// <summary>The least level that is written; names and numbers are those of Microsoft.Extensions.Logging.LogLevel, which this project does without.</summary>
public enum LogThreshold { Trace, Debug, Information, Warning, Error, Critical, None }

/// <summary>Form of a log line.</summary>
public enum LogFormat { Text, Json }
