using FluentAssertions;
using Monitoring.Contracts.Events;
using Monitoring.Contracts.Xid;
using Xunit;

namespace Monitoring.Tests.Contracts.Xid;

public sealed class XidCatalogueTests
{
    [Fact]
    public void Every_code_from_1_to_172_is_there_once_with_all_that_is_said_of_it()
    {
        XidCatalogue.All.Select(static entry => entry.Code).Should().Equal(Enumerable.Range(1, 172));
        XidCatalogue.All.Should().OnlyContain(static entry => entry.Title.Length > 0 && entry.Mnemonic.Length > 0 && entry.Severity != EventSeverity.Unknown);
        XidCatalogue.All.Select(static entry => entry.Title).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void Every_bucket_of_both_tables_has_its_sentence()
    {
        var used = XidCatalogue.All.SelectMany(static entry => new[] { entry.Immediate, entry.Investigate }).Where(static bucket => bucket.Length > 0).Distinct();

        used.Should().BeSubsetOf(XidBuckets.All.Keys);
    }

    [Theory]
    [InlineData(13, EventSeverity.Info)]
    [InlineData(31, EventSeverity.Info)]
    [InlineData(43, EventSeverity.Info)]
    [InlineData(45, EventSeverity.Info)]
    [InlineData(48, EventSeverity.Critical)]
    [InlineData(63, EventSeverity.Info)]
    [InlineData(79, EventSeverity.Critical)]
    [InlineData(94, EventSeverity.Warning)]
    [InlineData(95, EventSeverity.Critical)]
    [InlineData(119, EventSeverity.Critical)]
    [InlineData(157, EventSeverity.Warning)]
    public void Severity_follows_what_operators_do_about_the_code(int code, EventSeverity severity) => XidCatalogue.Describe(code).Severity.Should().Be(severity);

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(173)]
    [InlineData(999)]
    [InlineData(int.MaxValue)]
    public void An_unknown_code_is_of_unknown_severity_and_no_fault(int code)
    {
        XidCatalogue.Find(code).Should().BeNull();
        XidCatalogue.Describe(code).Severity.Should().Be(EventSeverity.Unknown);
        XidCatalogue.Describe(code).SuggestedAction.Should().NotBeEmpty();
    }

    [Fact]
    public void The_codes_that_alerts_match_have_counters_from_the_start() =>
        XidCatalogue.CodesThatRulesMatch.Should().Equal(13, 31, 46, 48, 62, 63, 64, 74, 79, 92, 94, 95, 109, 110, 119, 120, 136, 140, 143, 144, 145, 146, 147, 148, 149, 150, 154, 155, 156, 158);

    [Fact]
    public void What_to_do_at_once_comes_before_what_to_look_into()
    {
        XidCatalogue.Describe(79).SuggestedAction.Should().Be("Drain the node and restart it. Collect nvidia-bug-report.sh and open a case with support.");
        XidCatalogue.Describe(63).SuggestedAction.Should().BeEmpty();
        XidCatalogue.Describe(48).SuggestedAction.Should().StartWith("Drain and reset the GPU");
    }

    [Theory]
    [InlineData(144, "SAW_MVB", 0x00000001u, 0x00000008u, "IGNORE", NvlinkReach.Nonfatal)]
    [InlineData(145, "RLW_SRC_TRACK", 0x040988e2u, 0x00000008u, "XID_154_EVAL", NvlinkReach.Nonfatal)]
    [InlineData(145, "RLW_REMAP", 0x00000004u, 0x00000040u, "RESET_GPU", NvlinkReach.Fatal)]
    [InlineData(149, "NETIR_LINK_EVT", 0x025001c6u, 0u, "RESET_GPU", NvlinkReach.LinkFatal)]
    [InlineData(149, "NETIR_LINK_EVT/NETIR_LINK_DOWN", 0x02500011u, 0u, "RESET_GPU", NvlinkReach.LinkFatal)]
    [InlineData(149, "NETIR_BER_EVENT", 0x00086226u, 1u, "IGNORE", NvlinkReach.Nonfatal)]
    public void The_words_of_an_NVLink_message_are_decoded_in_the_layout_of_either_driver(int code, string unit, uint info, uint status, string bucket, NvlinkReach reach)
    {
        var meaning = NvlinkDecode.Find(code, unit, info, status);

        meaning.Should().NotBeNull();
        meaning!.Immediate.Should().Be(bucket);
        meaning.Reach.Should().Be(reach);
    }

    [Fact]
    public void Words_that_the_table_does_not_know_have_no_meaning()
    {
        NvlinkDecode.Find(145, "RLW_UNHEARD_OF", 4, 1).Should().BeNull();
        NvlinkDecode.Find(145, "RLW_REMAP", 4, 0x12345678).Should().BeNull();
        NvlinkDecode.Find(13, "RLW_REMAP", 4, 1).Should().BeNull();
    }

    [Fact]
    public void The_page_for_people_says_what_the_table_says() => GoldenFile.Check("../../docs/xid.md", XidDocument.Text());
}
