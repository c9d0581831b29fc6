using FluentAssertions;
using Monitoring.Agent.Capture;
using Monitoring.Agent.Capture.Profilers;
using Xunit;

namespace Monitoring.Tests.Agent.Capture.Profilers;

public sealed class CopyRoomTests
{
    private const long MiB = 1 << 20;

    [Theory]
    [InlineData(10_000, 0, 512, "a bundle may have 512 MiB (capture.maximum_bundle_bytes)")]
    [InlineData(10_000, 100, 412, "a bundle may have 512 MiB and has 100 MiB already (capture.maximum_bundle_bytes)")]
    [InlineData(2_148, 0, 100, "2148 MiB are free at /captures, 2048 MiB must stay (capture.free_space_floor_bytes)")]
    [InlineData(2_000, 0, -48, "2000 MiB are free at /captures, 2048 MiB must stay (capture.free_space_floor_bytes)")]
    [InlineData(null, 512, 0, "a bundle may have 512 MiB and has 512 MiB already (capture.maximum_bundle_bytes)")]
    public void A_copy_may_have_what_is_left_of_the_bundle_and_never_what_the_disk_has_to_keep(int? free, int taken, int allowed, string words) =>
        new CopyRoom(new CaptureSettings(), _ => free * MiB).In("/captures", taken * MiB).Should().Be(new CopyLimit(allowed * MiB, words));

    [Theory]
    [InlineData(2_048, false)]
    [InlineData(2_047, true)]
    [InlineData(null, false)]
    public void A_job_is_made_to_write_only_where_the_floor_is_kept(int? free, bool isTooLittle) =>
        (new CopyRoom(new CaptureSettings(), static _ => null).TooLittle("/tmp", free * MiB) is not null).Should().Be(isTooLittle);
}
