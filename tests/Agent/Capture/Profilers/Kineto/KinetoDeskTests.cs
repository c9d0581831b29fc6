using System.Text;
using FluentAssertions;
using Monitoring.Agent.Capture.Profilers.Kineto;
using Monitoring.Agent.Devices.Sockets;
using Xunit;

namespace Monitoring.Tests.Agent.Capture.Profilers.Kineto;

public sealed class KinetoDeskTests
{
    private static readonly byte[] Configuration = "A=1\n"u8.ToArray();
    private readonly ManualTimeProvider time = new();
    private readonly KinetoDesk desk;
    private readonly DatagramAddress address = DatagramAddress.Abstract("dynoconfigclient-a\0");

    public KinetoDeskTests() => desk = new KinetoDesk(new KinetoAddresses(""), time);

    [Fact]
    public void Who_asks_is_always_answered_and_with_nothing_where_there_is_nothing()
    {
        Ask().Should().Be("");
        Ask(wants: 0).Should().Be("");
        desk.Counts.Should().Be(new KinetoCounts(2, 0, 0, 0, 0, 0));
    }

    [Fact]
    public async Task A_configuration_is_handed_out_exactly_once()
    {
        Ask();
        var offer = Offer();

        Ask().Should().Be("A=1\n");
        Ask().Should().Be("");
        Ask().Should().Be("");

        (await offer.Handed).Should().BeTrue();
        desk.Counts.Handed.Should().Be(1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_profiler_at_work_is_not_disturbed_and_the_request_kept(int wants)
    {
        Ask();
        var offer = Offer();

        Ask(wants).Should().Be("");
        offer.Handed.IsCompleted.Should().BeFalse();
        Ask().Should().Be("A=1\n");
    }

    [Fact]
    public void Only_the_process_it_was_made_for_gets_it()
    {
        Ask();
        Offer();

        Ask(pid: 101).Should().Be("", "another process has taken the address");
        Ask(uid: 1001).Should().Be("", "another user has taken the address");
        Ask(from: DatagramAddress.Abstract("dynoconfigclient-b\0")).Should().Be("", "the same process elsewhere is not the client that was looked at");
    }

    [Fact]
    public void A_number_that_is_claimed_gets_nothing()
    {
        Ask();
        Offer();
        var other = DatagramAddress.Abstract("dynoconfigclient-evil\0");

        Ask(pid: 666, from: other, claimed: 100).Should().Be("");
    }

    [Fact]
    public async Task A_full_queue_leaves_it_for_the_next_time()
    {
        Ask();
        var offer = Offer();

        Ask(result: DatagramSend.Full);
        offer.Handed.IsCompleted.Should().BeFalse();
        Ask().Should().Be("A=1\n");

        (await offer.Handed).Should().BeTrue();
        desk.Counts.Undelivered.Should().Be(1);
    }

    [Fact]
    public async Task Who_is_gone_does_not_get_it_later()
    {
        Ask();
        var offer = Offer();

        Ask(result: DatagramSend.Gone);

        (await offer.Handed).Should().BeFalse();
        Ask().Should().Be("");
    }

    [Fact]
    public void After_its_time_it_is_not_handed_out()
    {
        Ask();
        Offer();
        time.Advance(TimeSpan.FromSeconds(10));

        Ask().Should().Be("");
    }

    [Fact]
    public async Task What_is_taken_back_is_not_handed_out()
    {
        Ask();
        var offer = Offer();

        offer.Withdraw().Should().BeTrue();

        Ask().Should().Be("");
        (await offer.Handed).Should().BeFalse();
    }

    [Fact]
    public void Two_requests_at_once_are_refused_until_the_first_is_over()
    {
        Ask();
        var first = Offer();
        desk.Offer(desk.Processes.Known[0], Configuration, TimeSpan.FromSeconds(10)).Should().BeNull();

        desk.Remove(first);

        desk.Offer(desk.Processes.Known[0], Configuration, TimeSpan.FromSeconds(10)).Should().NotBeNull();
    }

    [Fact]
    public void Taking_back_while_it_is_handed_out_is_one_or_the_other()
    {
        for (var round = 0; round < 500; round++)
        {
            Ask();
            var offer = Offer();
            var withdrawn = false;
            var text = "";
            Parallel.Invoke(() => withdrawn = offer.Withdraw(), () => text = Ask());
            (text.Length > 0).Should().Be(!withdrawn);
            desk.Remove(offer);
        }
    }

    [Fact]
    public void A_registration_is_answered_with_the_number_of_its_job()
    {
        Ask();
        var frame = Convert.FromHexString("1000000000000000" + "6374787400000000000000000000000000000000000000000000000000000000" + "00000000" + "64000000" + "0000000000000000");

        Convert.ToHexString(desk.Answer(new DatagramSender(address, 100, 1000), frame)!.Frame.AsSpan(40)).Should().Be("01000000");
    }

    [Fact]
    public void Addresses_of_the_wrong_kind_are_never_answered()
    {
        foreach (var wrong in new[] { DatagramAddress.File("/run/x/dynoconfigclient-a"), DatagramAddress.Abstract("something-else\0"), DatagramAddress.Abstract("dynoconfigclient-a"), null })
            desk.Answer(new DatagramSender(wrong, 100, 1000), LibkinetoClient.Request(3, 0, 1)).Should().BeNull();
        desk.Counts.Unanswerable.Should().Be(4);
    }

    [Fact]
    public void What_is_no_request_is_counted_and_not_answered()
    {
        desk.Answer(new DatagramSender(address, 100, 1000), [1, 2, 3]).Should().BeNull();
        desk.Counts.Should().Be(new KinetoCounts(0, 0, 1, 0, 0, 0));
    }

    [Fact]
    public void Who_has_no_room_is_answered_all_the_same()
    {
        for (var name = 0; name < 9; name++) Ask(from: DatagramAddress.Abstract($"dynoconfigclient-{name}\0")).Should().Be("");

        desk.Counts.Should().Be(new KinetoCounts(9, 0, 0, 0, 1, 0));
    }

    private KinetoOffer Offer() => desk.Offer(desk.Processes.Known.Single(process => process.Address.Equals(address)), Configuration, TimeSpan.FromSeconds(10))!;

    private string Ask(int wants = 3, int pid = 100, uint uid = 1000, DatagramAddress? from = null, DatagramSend result = DatagramSend.Sent, int claimed = 1)
    {
        var answer = desk.Answer(new DatagramSender(from ?? address, pid, uid), LibkinetoClient.Request(wants, 0, claimed))!;
        desk.Sent(answer, result);
        BitConverter.ToUInt64(answer.Frame).Should().Be((ulong)answer.Frame.Length - 40);
        return Encoding.UTF8.GetString(answer.Frame.AsSpan(40));
    }
}
