using FluentAssertions;
using Monitoring.Agent.Capture.Profilers.Kineto;
using Xunit;

namespace Monitoring.Tests.Agent.Capture.Profilers.Kineto;

public sealed class KinetoLeftoversTests : IDisposable
{
    private const string Capture = "0123456789abcdef0123456789abcdef";
    private readonly JobFiles files = new();

    [Fact]
    public void What_an_earlier_life_left_is_removed_and_nothing_else()
    {
        files.Add(JobFiles.Pid, null, "KINETO_USE_DAEMON=1", "KINETO_ONDEMAND_TRACE_DIR=/data");
        files.Write($"/tmp/gpu-agent-{Capture}-0_4242.json", "x");
        files.Write($"/data/gpu-agent-{Capture}-0_4242.json.tmp", "x");
        files.Write("/tmp/gpu-agent-ffffffffffffffffffffffffffffffff-0_4242.json", "of another capture");
        files.Write("/tmp/model.pt", "the job's");

        KinetoLeftovers.Remove(files.Procfs, Capture, default).Should().Be(2);

        Directory.GetFiles(files.Inside("/tmp")).Select(Path.GetFileName).Should().BeEquivalentTo("gpu-agent-ffffffffffffffffffffffffffffffff-0_4242.json", "model.pt");
    }

    [Fact]
    public void Of_a_process_that_has_ended_they_are_in_the_first_processs_folder()
    {
        files.Add(1);
        files.Write($"/tmp/gpu-agent-{Capture}-1_77.json", "x", pid: 1);

        KinetoLeftovers.Remove(files.Procfs, Capture, default);

        Directory.GetFiles(files.Inside("/tmp", pid: 1)).Should().BeEmpty();
    }

    [Fact]
    public void A_process_that_does_not_take_part_is_left_alone()
    {
        files.Write($"/tmp/gpu-agent-{Capture}-0_4242.json", "x");

        KinetoLeftovers.Remove(files.Procfs, Capture, default).Should().Be(0);
    }

    public void Dispose() => files.Dispose();
}
