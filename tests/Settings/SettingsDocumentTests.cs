using System.Text.RegularExpressions;
using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Settings;
using Monitoring.Settings.Documents;
using Monitoring.Settings.Schema;
using Xunit;

namespace Monitoring.Tests.Settings;

public sealed class SettingsDocumentTests
{
    [Fact]
    public void The_tables_hold_every_key_with_type_default_limits_variable_and_help() =>
        GoldenFile.Check("settings/sample.md", SettingsDocument.Markdown<SampleSettings>("Sample", "GPU_AGENT_"));

    [Fact]
    public void The_default_file_holds_every_key_commented_out() =>
        GoldenFile.Check("settings/sample.yaml", SettingsDocument.Yaml<SampleSettings>("The sample.\nTwo lines of heading."));

    [Fact]
    public void The_default_file_sets_nothing()
    {
        var load = Loading.Load(SettingsDocument.Yaml<SampleSettings>());

        load.Errors.Should().BeEmpty();
        load.Origins.Should().BeEmpty();
    }

    [Fact]
    public void The_default_file_with_its_keys_uncommented_gives_the_defaults()
    {
        // Settings without a default have nothing to uncomment.
        var yaml = Regex.Replace(SettingsDocument.Yaml<SampleSettings>(), @"(?m)^( *)#(\w+: .+)$", "$1$2");

        var load = Loading.Load(yaml);

        load.Errors.Should().BeEmpty();
        load.Value.Should().BeEquivalentTo(new SampleSettings());
        load.Origins.Should().ContainKeys("port", "events", "sampling.fast_interval", "buckets", "labels", "sinks");
    }

    [Fact]
    public void Every_text_reads_back_as_documents_write_it() => Prop.ForAll<string?>(text =>
    {
        var node = SectionSchema.Of(typeof(SampleSettings)).Properties[0];
        return Loading.Load($"node: {SettingText.Yaml(node, text ?? "")}\nexclude: {SettingText.Yaml(Exclude, new[] { text ?? "", "b" })}\n").Value is { } read
            && read.Node == (text ?? "") && read.Exclude.SequenceEqual([text ?? "", "b"]);
    }).Check(Fuzzing.Cases(500));

    [Theory]
    [InlineData("null")]
    [InlineData("~")]
    [InlineData("a: b")]
    [InlineData("- a")]
    [InlineData("a #b")]
    [InlineData("\uD83D\uDE00")]
    [InlineData("a\u0085b\u2028c\u0000")]
    [InlineData("{a}")]
    [InlineData("12:30")]
    [InlineData("...")]
    [InlineData("---")]
    public void Text_that_means_something_to_yaml_reads_back_too(string text)
    {
        var written = SettingText.Yaml(SectionSchema.Of(typeof(SampleSettings)).Properties[0], text);

        Loading.Load($"node: {written}\n").Value!.Node.Should().Be(text);
        // A document marker at the start of a line would end the document.
        Loading.Load($"labels:\n  a: {written}\n").Value!.Labels["a"].Should().Be(text);
    }

    [Fact]
    public void The_report_names_each_value_and_who_set_it()
    {
        var load = Loading.Load(
            "token: hunter2\nlabels: {rack: \"12\"}\nsinks:\n  - url: http://user:hunter2@elastic.example\n    password: hunter2\n",
            new() { ["GPU_AGENT_COLLECTOR"] = "http://collector.example", ["GPU_AGENT_LABELS__ZONE"] = "a b" },
            "sampling.fast_interval=1500ms");

        var report = Regex.Replace(SettingsReport.Text(load), @"\S*/settings-[^/]*/", "");

        report.Should().NotContain("hunter2");
        GoldenFile.Check("settings/sample-report.txt", report);
    }

    [Fact]
    public void The_report_of_a_wrong_configuration_is_its_errors() =>
        SettingsReport.Text(Loading.Load(overrides: ["port=0", "events=maybe"])).Should().Be(
            "--set: port is '0', expected a whole number from 1 to 65535\n--set: events is 'maybe', expected true or false\n");

    [Fact]
    public void A_property_that_no_setting_can_be_is_a_fault_of_the_program_and_named()
    {
        var load = () => SettingsLoader.Load<Undeclared>(new SettingsSources());

        load.Should().Throw<InvalidOperationException>().WithMessage("*Undeclared.Port of type Int32 has no [Setting(...)]*");
    }

    [Fact]
    public void A_limit_that_is_no_value_of_the_type_is_a_fault_of_the_program_and_named()
    {
        var load = () => SettingsLoader.Load<WrongLimit>(new SettingsSources());

        load.Should().Throw<InvalidOperationException>().WithMessage("*WrongLimit.Interval of type TimeSpan cannot have the limit '5'*");
    }

    private static PropertySchema Exclude => SectionSchema.Of(typeof(SampleSettings)).Properties.Single(static property => property.Name == "exclude");

    private sealed class Undeclared
    {
        public int Port { get; set; }
    }

    private sealed class WrongLimit
    {
        [Setting("Time between readings.", Minimum = "5")]
        public TimeSpan Interval { get; set; }
    }
}
