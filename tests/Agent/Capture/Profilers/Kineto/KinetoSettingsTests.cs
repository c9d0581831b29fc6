using FluentAssertions;
using Monitoring.Agent.Capture.Profilers.Kineto;
using Xunit;

namespace Monitoring.Tests.Agent.Capture.Profilers.Kineto;

public sealed class KinetoSettingsTests
{
    [Theory]
    [InlineData("", true)]
    [InlineData("/run/gpu-agent/kineto", true)]
    [InlineData("/", false)]
    [InlineData("run/kineto", false)]
    [InlineData("/run/kineto/", false)]
    [InlineData("/run//kineto", false)]
    [InlineData("/run/../kineto", false)]
    [InlineData("/run/kineto-in-a-folder-whose-name-leaves-no-room-for-the-sockets-of-clients", false)]
    public void The_folder_is_one_that_agent_and_job_can_name_alike(string path, bool isRight)
    {
        var mistakes = new KinetoSettings { SocketDirectory = path }.Check().ToArray();

        mistakes.Select(static mistake => mistake.Key).Should().Equal(isRight ? [] : ["socket_directory"]);
    }

    [Fact]
    public void A_client_has_room_in_the_longest_folder_that_is_taken()
    {
        var longest = Enumerable.Range(1, 200).Select(static length => "/" + new string('x', length)).Last(static path => !new KinetoSettings { SocketDirectory = path }.Check().Any());

        (longest.Length + "/dynoconfigclient".Length + 36 + 1).Should().BeLessThanOrEqualTo(108);
    }

    [Fact]
    public void It_is_off_by_default() => new KinetoSettings().Should().BeEquivalentTo(new { Enabled = false, AllowUnknownVersion = false, SocketDirectory = "" });
}
