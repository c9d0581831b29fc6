namespace Monitoring.Simulator.Demo;

/// <summary>The demo cannot go on; the message says what failed and is meant for the person who started it.</summary>
internal sealed class DemoFailedException(string message) : Exception(message);
