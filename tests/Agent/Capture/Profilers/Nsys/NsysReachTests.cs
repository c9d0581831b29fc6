using FluentAssertions;
using Monitoring.Agent.Capture.Profilers.Nsys;
using Xunit;

namespace Monitoring.Tests.Agent.Capture.Profilers.Nsys;

/// <summary>Whose sessions are reached, over a procfs of files.</summary>
public sealed class NsysReachTests : IDisposable
{
    private const string All = "000001ffffffffff";
    private const string OfContainers = "00000000a80425fb";

    private readonly string procfs = Directory.CreateTempSubdirectory("reach-").FullName;
    private readonly NsysSettings settings = new();

    public NsysReachTests() => Process("self", 0, All, "host", "host");

    public void Dispose() => Directory.Delete(procfs, recursive: true);

    [Theory]
    [InlineData(0u, OfContainers, "pod", "host", false)]
    [InlineData(0u, All, "pod", "pod", false)]
    [InlineData(0u, All, "pod", "host", true)]
    [InlineData(1000u, OfContainers, "pod", "host", true)]
    [InlineData(0u, OfContainers, "host", "host", true)]
    public void No_call_gives_a_container_more_rights_than_it_has(uint user, string capabilities, string place, string userNamespace, bool isReached)
    {
        Process("7", user, capabilities, place, userNamespace);
        var agent = new NsysAgentProcess(7, "gpu-run-1", "/opt/nsys", user, user, "/tmp/x", Link("pid", place), Link("mnt", place));

        var (reached, words) = new NsysReach(new NsysProcesses(procfs), settings).PlaceOf(agent);

        (reached is not null).Should().Be(isReached, words);
        if (!isReached) words.Should().Contain("capture.nsys.root_containers");
        settings.RootContainers = true;
        new NsysReach(new NsysProcesses(procfs), settings).PlaceOf(agent).Place.Should().NotBeNull();
    }

    private void Process(string pid, uint user, string capabilities, string place, string userNamespace)
    {
        Directory.CreateDirectory(Path.Combine(procfs, pid, "ns"));
        File.WriteAllText(Path.Combine(procfs, pid, "status"), $"Uid:\t{user}\t{user}\t{user}\t{user}\nGid:\t{user}\t{user}\t{user}\t{user}\nCapEff:\t{capabilities}\n");
        foreach (var (kind, where) in new[] { ("pid", place), ("mnt", place), ("user", userNamespace) }) File.CreateSymbolicLink(Path.Combine(procfs, pid, "ns", kind), Link(kind, where));
    }

    private static string Link(string kind, string place) => $"{kind}:[{(place == "host" ? 1 : 2)}]";
}
