using FluentAssertions;
using Monitoring.Agent.Devices.Files;
using Xunit;

namespace Monitoring.Tests.Agent.Devices.Files;

public sealed class FileOwnerTests
{
    [Fact]
    public void A_file_has_an_owner_and_what_is_not_there_has_none()
    {
        FileOwner.Of("/proc/1").Should().Be(FileOwner.Root);
        FileOwner.Of("/nowhere").Should().BeNull();
    }
}
