using Xunit;

namespace Monitoring.Tests.Agent.Capture.Profilers.Nsys;

/// <summary>Tests with the real nsys run alone: it loses its daemon or its samples where a machine's processors are taken several times over.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RealNsys
{
    internal const string Name = "real nsys";
}
