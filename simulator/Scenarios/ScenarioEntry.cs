namespace Monitoring.Simulator.Scenarios;

/// <summary>One incident of a scenario.</summary>
/// <param name="Line">Line of the file.</param>
/// <param name="At">When it starts, from the start of the scenario.</param>
/// <param name="Gpu">Index of the GPU; null for all of them.</param>
/// <param name="Incident">Name of the incident.</param>
/// <param name="Duration">How long it lasts; null for ever.</param>
/// <param name="Parameters">Values of its parameters.</param>
public sealed record ScenarioEntry(long Line, TimeSpan At, int? Gpu, string Incident, TimeSpan? Duration, IReadOnlyDictionary<string, string> Parameters);
