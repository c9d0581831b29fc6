using System.Runtime.CompilerServices;
using FluentAssertions;
using Monitoring.Agent.Hosting;
using Xunit;

namespace Monitoring.Tests.Agent.Hosting;

public sealed class StartupGarbageTests
{
    [Fact]
    public void What_starting_took_is_given_back_after_a_while_and_once()
    {
        var time = new ManualTimeProvider();
        var garbage = new StartupGarbage(time);
        var first = Garbage();
        time.Advance(StartupGarbage.After);

        garbage.Look();

        first.IsAlive.Should().BeFalse();
        var later = Garbage();
        time.Advance(StartupGarbage.After);
        garbage.Look();
        later.IsAlive.Should().BeTrue("a running agent is not stopped for it again");
    }

    // Old enough that only a collection of everything finds it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Garbage()
    {
        var bytes = new byte[1000];
        GC.Collect();
        GC.Collect();
        var reference = new WeakReference(bytes);
        GC.KeepAlive(bytes);
        return reference;
    }
}
