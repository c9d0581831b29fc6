using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Monitoring.Tests.Dashboards.Logstash;

public sealed class PipelineFileTests
{
    private const string Main = "pipeline/gpu-monitor.conf";
    private const string Replay = "replay/gpu-dead-letters.conf";

    // What each plugin of Logstash 8 knows of what is set here; a name that it does not know keeps the pipeline from starting.
    private static readonly Dictionary<string, string[]> Known = new()
    {
        ["tcp"] = ["id", "host", "port", "codec"],
        ["http"] = ["id", "host", "port", "codec", "additional_codecs", "remote_host_target_field", "request_headers_target_field"],
        ["dead_letter_queue"] = ["id", "path", "pipeline_id", "commit_offsets", "clean_consumed"],
        ["ruby"] = ["id", "path", "script_params"],
        ["file"] = ["id", "path", "codec"],
        ["elasticsearch"] = ["id", "hosts", "index", "document_id", "action", "silence_errors_in_log", "manage_template", "ilm_enabled", "data_stream"],
    };

    [Theory]
    [InlineData(Main)]
    [InlineData(Replay)]
    public void Plugins_have_settings_that_they_know_and_an_id(string file)
    {
        var plugins = Read(file);

        plugins.Should().NotBeEmpty();
        foreach (var plugin in plugins) plugin.Settings.Keys.Should().Contain("id").And.BeSubsetOf(Known[plugin.Name], plugin.Name);
        plugins.Select(static plugin => plugin.Settings["id"]).Should().OnlyHaveUniqueItems();
    }

    [Theory]
    [InlineData(Main)]
    [InlineData(Replay)]
    public void Documents_are_created_in_the_index_and_under_the_id_that_the_script_finds(string file)
    {
        var output = Read(file).Single(static plugin => plugin.Name == "elasticsearch").Settings;

        output["action"].Should().Be("create");
        output["index"].Should().Be("%{[@metadata][gpu_index]}");
        output["document_id"].Should().Be("%{[@metadata][gpu_id]}");
        (output["data_stream"], output["manage_template"], output["ilm_enabled"]).Should().Be(((object)"false", (object)"false", (object)"false"));
        var script = File.ReadAllText(Path("scripts/gpu_documents.rb"));
        script.Should().Contain("[@metadata][gpu_index]").And.Contain("[@metadata][gpu_id]");
    }

    [Fact]
    public void Dead_letters_go_through_the_same_script_to_the_same_place()
    {
        var (main, replay) = (Read(Main), Read(Replay));

        foreach (var name in (string[])["ruby", "elasticsearch"])
            replay.Single(plugin => plugin.Name == name).Settings.Should().BeEquivalentTo(main.Single(plugin => plugin.Name == name).Settings);
        replay[0].Settings["pipeline_id"].Should().Be("gpu-monitor");
        File.ReadAllText(Path("pipelines.yml")).Should().Contain("pipeline.id: gpu-monitor");
    }

    [Fact]
    public void What_is_not_understood_goes_into_a_file_and_nothing_else_does()
    {
        var outputs = Read(Main).Where(static plugin => plugin.Section == "output").ToList();

        outputs[0].Name.Should().Be("file");
        outputs[0].Condition.Should().Contain("\"_gpu_unknown\" in [tags]").And.Contain("\"_rubyexception\" in [tags]");
        outputs[1].Condition.Should().Be($"!({outputs[0].Condition})");
        File.ReadAllText(Path("scripts/gpu_documents.rb")).Should().Contain("event.tag(\"_gpu_unknown\")");
    }

    [Fact]
    public void The_script_gets_the_parameters_that_it_asks_for() =>
        ((IReadOnlyDictionary<string, object>)Read(Main).Single(static plugin => plugin.Name == "ruby").Settings["script_params"]).Keys.Should().BeEquivalentTo("catalogue", "namespace", "cluster");

    [Theory]
    [InlineData("logstash.yml", "queue.type: persisted")]
    [InlineData("logstash.yml", "dead_letter_queue.enable: true")]
    [InlineData("pipelines.yml", "queue.type: persisted")]
    [InlineData("pipelines.yml", "dead_letter_queue.enable: true")]
    public void The_queue_is_on_disk_and_what_is_refused_is_kept(string file, string line) => File.ReadAllLines(Path(file)).Select(static one => one.Trim()).Should().Contain(line);

    [Fact]
    public void Rsyslog_sends_to_the_port_on_which_Logstash_listens() =>
        File.ReadAllText(Path("rsyslog/gpu-to-logstash.conf")).Should().Contain($"port=\"{Read(Main).Single(static plugin => plugin.Name == "tcp").Settings["port"]}\"");

    [Fact]
    public void Branches_and_values_of_every_kind_are_read()
    {
        var plugins = PipelineFile.Parse("input{a{}} # x\nfilter { if [a] == \"{\" { b { c => [1, 'd', {\"e\" => -2.5}] f => g { h => i } } } else if [j] { k {} } else { l {} } }");

        plugins.Select(static plugin => (plugin.Section, plugin.Condition, plugin.Name)).Should().Equal(
            ("input", "", "a"), ("filter", "[a] == \"{\"", "b"), ("filter", "!([a] == \"{\")[j]", "k"), ("filter", "!([a] == \"{\")", "l"));
        ((IReadOnlyList<object>)plugins[1].Settings["c"])[1].Should().Be("d");
        plugins[1].Settings["f"].Should().BeOfType<PipelinePlugin>().Which.Settings.Should().Contain("h", "i");
    }

    [Theory]
    [InlineData("inputs { }", "line 1")]
    [InlineData("input {\n a { b = c } }", "line 2")]
    [InlineData("input { a { b => c b => d } }", "'b' once")]
    [InlineData("input { a { b => \"c } }", "the end of a string")]
    [InlineData("input { a { b => [1 2] } }", "','")]
    [InlineData("input {", "a name")]
    public void What_is_no_pipeline_is_refused(string text, string words)
    {
        var parse = () => PipelineFile.Parse(text);

        parse.Should().Throw<FormatException>().WithMessage($"*{words}*");
    }

    [Fact]
    public void Any_text_is_read_or_refused()
    {
        var texts = Gen.Elements("input", "{", "}", "if", "else", "a", "=>", "\"", "'", "[", "]", ",", "1", "-", "#", "\n", " ", "\\").ArrayOf();
        Prop.ForAll(texts.ToArbitrary(), static parts =>
        {
            try
            {
                return PipelineFile.Parse("input {" + string.Concat(parts)).Count >= 0;
            }
            catch (FormatException)
            {
                return true;
            }
        }).Check(Fuzzing.Cases(100));
    }

    private static string Path(string file) => RepositoryRoot.Combine(["dashboards", "logstash", .. file.Split('/')]);

    private static IReadOnlyList<PipelinePlugin> Read(string file) => PipelineFile.Parse(File.ReadAllText(Path(file)));
}
