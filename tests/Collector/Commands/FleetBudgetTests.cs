using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Collector.Commands;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Commands;
using Monitoring.Contracts.Events;
using Xunit;

namespace Monitoring.Tests.Collector.Commands;

public sealed class FleetBudgetTests : IDisposable
{
    private readonly ManualTimeProvider clock = new();
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("budget-");
    private readonly BudgetSettings settings = new() { MaxConcurrent = 100, MaxPerRule = 2, MaxPerHour = 5, MaxConcurrentPerJob = 1 };
    private CommandJournal journal;
    private FleetBudget budget;

    public FleetBudgetTests() => (journal, budget) = Open();

    public void Dispose()
    {
        journal.Dispose();
        folder.Delete(recursive: true);
    }

    [Fact]
    public void A_rule_gets_so_many_within_its_window_and_the_answer_has_the_numbers()
    {
        Ask(1).Granted.Should().BeTrue();
        Ask(2).Granted.Should().BeTrue();
        var refused = Ask(3);
        refused.Should().Be(new CaptureLeaseAnswer(false, CaptureRefusal.Budget, "2 captures for rule hot within 10 minutes, commands.budget.max_per_rule allows 2"));
        Ask(4, rule: "cold").Granted.Should().BeTrue("another rule has its own");

        clock.Advance(TimeSpan.FromMinutes(10));
        Ask(5).Granted.Should().BeTrue();
    }

    [Fact]
    public void One_that_begins_later_counts_until_it_may_be_over()
    {
        budget.Ask(new BudgetQuestion(IdOf(1), "n1", TriggerKinds.Person, "ada", StartAt: clock.GetUtcNow().AddMinutes(50), DurationSeconds: 60)).Granted.Should().BeTrue();

        clock.Advance(TimeSpan.FromMinutes(55.5));
        Ask(2);
        budget.Active.Should().Be(2);
        clock.Advance(TimeSpan.FromMinutes(0.5));
        budget.Active.Should().Be(1);
    }

    [Fact]
    public void A_clock_that_is_set_back_does_not_make_captures_count_for_longer()
    {
        Ask(1);
        Ask(2);
        clock.WallClockOffset = TimeSpan.FromDays(-2);

        Ask(3).Granted.Should().BeFalse("by the clock as it is now they were a moment ago");
        clock.Advance(TimeSpan.FromMinutes(11));
        Ask(4).Granted.Should().BeTrue("the window is over");
        clock.Advance(TimeSpan.FromHours(1));
        budget.Active.Should().Be(0);
    }

    [Fact]
    public void The_same_capture_gets_the_same_answer_however_often_it_is_asked_for()
    {
        Ask(1);
        Ask(2);
        Ask(3).Granted.Should().BeFalse();
        clock.Advance(TimeSpan.FromMinutes(11));

        Ask(3).Granted.Should().BeFalse("it was refused");
        Ask(1).Granted.Should().BeTrue("it was let in");
        budget.Granted.Should().Be(2);
    }

    [Fact]
    public void What_never_began_counts_nowhere_and_what_is_over_only_in_the_windows()
    {
        Ask(1);
        Ask(2);
        budget.Progressed(Word(1, CaptureStage.Refused));
        Ask(3).Granted.Should().BeTrue("the first never began");
        budget.Progressed(Word(2, CaptureStage.Done));
        budget.Active.Should().Be(1);
        Ask(4).Granted.Should().BeFalse("the second was taken all the same");
    }

    [Fact]
    public void A_job_is_watched_by_so_many_at_a_time_and_the_cluster_takes_so_many_an_hour()
    {
        Ask(1, rule: "a", job: "4711").Granted.Should().BeTrue();
        Ask(2, rule: "b", job: "4711").Words.Should().Be("1 captures of job 4711 are under way, commands.budget.max_concurrent_per_job allows 1");
        budget.Progressed(Word(1, CaptureStage.Done));
        Ask(3, rule: "c", job: "4711").Granted.Should().BeTrue();
        foreach (var number in new[] { 4, 5, 6 }) Ask(number, rule: $"r{number}").Granted.Should().BeTrue();
        Ask(7, rule: "r7").Words.Should().Be("5 captures within an hour, commands.budget.max_per_hour allows 5");
        clock.Advance(TimeSpan.FromHours(1));
        Ask(8, rule: "r8").Granted.Should().BeTrue();
    }

    [Fact]
    public void What_is_ordered_at_once_is_one_of_its_job_and_each_counts_in_the_cluster()
    {
        settings.MaxConcurrent = 5;
        foreach (var number in new[] { 1, 2, 3 }) AskFor(number, "order").Granted.Should().BeTrue();
        AskFor(4, "another").Words.Should().Be("1 captures of job 4711 are under way, commands.budget.max_concurrent_per_job allows 1");
        Ask(5, job: "4711").Words.Should().Contain("max_concurrent_per_job", "a rule counts by itself");
        Reopen();
        AskFor(6, "order").Granted.Should().BeTrue("it is the same order over a restart");
        AskFor(7, "other", job: "5000").Granted.Should().BeTrue();
        AskFor(8, "order").Words.Should().Be("5 captures are under way in the cluster, commands.budget.max_concurrent allows 5");
    }

    [Fact]
    public void A_lease_of_a_version_that_knew_no_orders_counts_by_itself()
    {
        journal.TryAppend(JournalRecord.Lease, System.Text.Encoding.UTF8.GetBytes(
            $$"""{"capture":"{{IdOf(1)}}","node":"n1","kind":"person","name":"ada","gpu":"","job":"4711","granted_at":"{{clock.GetUtcNow():O}}","ends_at":"{{clock.GetUtcNow().AddMinutes(5):O}}","is_over":false,"is_given_back":false}"""));
        Reopen();

        budget.Active.Should().Be(1);
        AskFor(2, "").Words.Should().Contain("1 captures of job 4711");
    }

    [Fact]
    public void A_lease_ends_by_itself_where_the_node_says_nothing_more()
    {
        Ask(1, duration: 60);
        clock.Advance(TimeSpan.FromSeconds(60) + settings.LeaseMargin - TimeSpan.FromSeconds(1));
        budget.Active.Should().Be(1);
        clock.Advance(TimeSpan.FromSeconds(1));
        budget.Active.Should().Be(0);
    }

    [Fact]
    public void What_is_spent_outlives_a_sudden_end()
    {
        Ask(1);
        Ask(2);
        budget.Progressed(Word(2, CaptureStage.Done));
        Reopen();

        budget.Active.Should().Be(1);
        Ask(3).Granted.Should().BeFalse("two of the rule are spent");
        Ask(1).Granted.Should().BeTrue("it was let in before");
    }

    [Fact]
    public void The_journal_stays_within_its_bytes_whatever_comes()
    {
        settings.MaxPerRule = settings.MaxPerHour = int.MaxValue;
        var big = new string('x', 200);
        for (var number = 0; number < 20_000; number++)
        {
            Ask(number, rule: big);
            budget.Progressed(Word(number, CaptureStage.Done));
            if (number % 100 == 0) clock.Advance(TimeSpan.FromMinutes(61));
        }

        folder.GetFiles("*.segment", SearchOption.AllDirectories).Sum(static file => file.Length).Should().BeLessThanOrEqualTo(64 << 20);
        Reopen();
        Ask(20_001).Granted.Should().BeTrue();
    }

    [Fact]
    public async Task Five_hundred_nodes_that_fire_one_rule_at_once_get_exactly_the_budget_and_each_other_a_typed_refusal()
    {
        const int Nodes = 500;
        await using var collector = await RunningCollector.StartAsync(state => state.StateDirectory = folder.CreateSubdirectory("state").FullName);
        await collector.Client.LeaseAsync(Question(9999) with { Rule = "warm" });

        var answers = await Task.WhenAll(Enumerable.Range(0, Nodes).Select(number => collector.Client.LeaseAsync(Question(number) with { Node = $"node-{number}" })));

        answers.Count(static answer => answer.Granted).Should().Be(4);
        answers.Where(static answer => !answer.Granted).Should().HaveCount(Nodes - 4).And.OnlyContain(static answer => answer.Refusal == CaptureRefusal.Budget && answer.Words.Contains("max_per_rule allows 4"));
        (await collector.Client.AuditAsync("&action=lease&by=hot")).Should().HaveCount(Nodes);
    }

    private static CaptureLeaseRequest Question(int number) => new(IdOf(number), "c", "n1", "hot", $"GPU-{number}", "", 5);

    private static string IdOf(int number) => EventId.Of("capture", number.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private static CaptureProgress Word(int number, CaptureStage stage) => new(IdOf(number), "n1", 9, DateTimeOffset.UnixEpoch, stage);

    private CaptureLeaseAnswer Ask(int number, string rule = "hot", string job = "", double duration = 5) => budget.Ask(new BudgetQuestion(IdOf(number), "n1", TriggerKinds.Rule, rule, "", job, duration));

    private CaptureLeaseAnswer AskFor(int number, string order, string job = "4711") => budget.Ask(new BudgetQuestion(IdOf(number), $"n{number}", TriggerKinds.Person, "ada", Job: job, DurationSeconds: 5, Order: order));

    private (CommandJournal, FleetBudget) Open()
    {
        var opened = CommandJournal.Open(folder.FullName, clock, NullLogger<CommandJournal>.Instance);
        return (opened, new FleetBudget(opened, settings, clock));
    }

    private void Reopen()
    {
        journal.Dispose();
        (journal, budget) = Open();
    }
}
