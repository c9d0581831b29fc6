namespace Monitoring.Agent.Capture.Summaries;

/// <summary>A report of which nothing can be read; the message names the file and what is wrong with it.</summary>
internal sealed class SummaryException(string message, Exception? inner = null) : Exception(message, inner);
