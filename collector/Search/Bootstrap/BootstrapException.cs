namespace Monitoring.Collector.Search.Bootstrap;

/// <summary>Something is not in place at the server and cannot be put there; the message says what, what the server said, and what helps.</summary>
internal sealed class BootstrapException(string message, Exception? inner = null) : Exception(message, inner);
