using FluentAssertions;
using OpenTelemetry.Exporter.Prometheus.Scraping;
using OpenTelemetry.Exporter.Prometheus.Writing;
using Xunit;

namespace Monitoring.Tests.Dropins.Prometheus;

public sealed class ScrapeCoordinatorTests : IDisposable
{
    private static readonly TimeSpan Patience = Eventually.Patience;

    private readonly ManualTimeProvider _time = new();
    private readonly SemaphoreSlim _begun = new(0);
    private readonly SemaphoreSlim _mayRender = new(0);
    private readonly SemaphoreSlim _rendered = new(0);
    private readonly SemaphoreSlim _mayEnd = new(0);
    private int _collections;

    [Fact]
    public async Task Scrapes_that_arrive_during_a_collection_share_it()
    {
        ScrapeCoordinator coordinator = Create(TimeSpan.Zero);
        Task<ScrapeResult>[] scrapes = [.. Enumerable.Range(0, 20).Select(_ => coordinator.GetAsync(ExpositionFormat.Text, Patience, default).AsTask())];
        Release();

        ScrapeResult[] results = await Task.WhenAll(scrapes);

        _collections.Should().Be(1);
        results.Select(result => result.Page).Distinct().Should().ContainSingle().Which.Should().NotBeNull();
    }

    [Fact]
    public async Task A_page_serves_for_the_cache_duration_and_not_longer()
    {
        ScrapeCoordinator coordinator = Create(TimeSpan.FromMilliseconds(300));
        Release(2);
        ScrapePage first = await PageAsync(coordinator);

        _time.Advance(TimeSpan.FromMilliseconds(299));
        (await PageAsync(coordinator)).Should().BeSameAs(first);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        (await PageAsync(coordinator)).Should().NotBeSameAs(first);

        _collections.Should().Be(2);
    }

    [Fact]
    public async Task Both_formats_asked_for_before_the_values_are_read_come_from_one_collection()
    {
        ScrapeCoordinator coordinator = Create(TimeSpan.Zero);
        Task<ScrapeResult> text = coordinator.GetAsync(ExpositionFormat.Text, Patience, default).AsTask();
        await _begun.WaitAsync();
        Task<ScrapeResult> openMetrics = coordinator.GetAsync(ExpositionFormat.OpenMetrics, Patience, default).AsTask();
        _mayRender.Release();
        _mayEnd.Release();

        (await text).Page.Should().NotBeNull().And.NotBeSameAs((await openMetrics).Page);
        _collections.Should().Be(1);
    }

    [Fact]
    public async Task A_format_asked_for_too_late_gets_a_collection_of_its_own()
    {
        ScrapeCoordinator coordinator = Create(TimeSpan.Zero);
        Task<ScrapeResult> text = coordinator.GetAsync(ExpositionFormat.Text, Patience, default).AsTask();
        _mayRender.Release();
        await _rendered.WaitAsync();
        Task<ScrapeResult> openMetrics = coordinator.GetAsync(ExpositionFormat.OpenMetrics, Patience, default).AsTask();
        Release();
        _mayEnd.Release();

        (await text).Page.Should().NotBeNull();
        (await openMetrics).Page.Should().NotBeNull();
        _collections.Should().Be(2);
    }

    [Fact]
    public async Task A_collection_that_hangs_lets_scrapes_go_in_time_and_starts_no_second_one()
    {
        ScrapeCoordinator coordinator = Create(TimeSpan.FromMilliseconds(300));
        Task<ScrapeResult> first = coordinator.GetAsync(ExpositionFormat.Text, TimeSpan.FromSeconds(5), default).AsTask();
        await _begun.WaitAsync();
        _time.Advance(TimeSpan.FromSeconds(5));

        ScrapeResult late = await first;
        late.TimedOut.Should().BeTrue();
        late.Reason.Should().Be("The metrics were not collected within 5 s: a collection has been running for 5 s.");

        Task<ScrapeResult> second = coordinator.GetAsync(ExpositionFormat.Text, TimeSpan.FromSeconds(5), default).AsTask();
        second.IsCompleted.Should().BeFalse();
        Release();
        (await second).Page.Should().NotBeNull();
        _collections.Should().Be(1);
    }

    [Fact]
    public async Task A_scraper_that_hangs_up_leaves_the_others_their_page()
    {
        ScrapeCoordinator coordinator = Create(TimeSpan.Zero);
        using CancellationTokenSource hangUp = new();
        Task<ScrapeResult> leaving = coordinator.GetAsync(ExpositionFormat.Text, Patience, hangUp.Token).AsTask();
        Task<ScrapeResult> staying = coordinator.GetAsync(ExpositionFormat.Text, Patience, default).AsTask();
        await _begun.WaitAsync();

        await hangUp.CancelAsync();
        (await leaving).Page.Should().BeNull();
        Release();

        ScrapePage page = (await staying).Page!;
        page.Plain.Length.Should().BePositive();
        // The last reference: afterwards the memory is back in the pool.
        page.Release();
        page.Plain.Length.Should().Be(0);
    }

    [Fact]
    public async Task A_failed_collection_tells_every_scrape_why_and_the_next_one_starts_anew()
    {
        bool mustFail = true;
        ScrapeCoordinator? coordinator = null;
        coordinator = new(() =>
        {
            if (mustFail)
                throw new InvalidOperationException("no driver");
            coordinator!.Render(Write);
        }, TimeSpan.FromMinutes(1), _time);

        ScrapeResult failed = await coordinator.GetAsync(ExpositionFormat.Text, Patience, default);
        mustFail = false;
        ScrapeResult good = await coordinator.GetAsync(ExpositionFormat.Text, Patience, default);

        failed.Should().Be(ScrapeResult.Failed("The metrics could not be collected: no driver"));
        good.Page.Should().NotBeNull();
    }

    [Fact]
    public async Task A_kept_page_returns_its_memory_when_it_is_replaced()
    {
        ScrapeCoordinator coordinator = Create(TimeSpan.FromMilliseconds(300));
        Release(2);
        ScrapePage first = await PageAsync(coordinator);
        first.Release();
        first.Plain.Length.Should().BePositive("the cache still holds it");

        _time.Advance(TimeSpan.FromSeconds(1));
        await PageAsync(coordinator);

        first.Plain.Length.Should().Be(0);
    }

    [Fact]
    public async Task Without_a_render_the_provider_has_been_shut_down()
    {
        ScrapeCoordinator coordinator = new(() => { }, TimeSpan.Zero, _time);

        ScrapeResult result = await coordinator.GetAsync(ExpositionFormat.Text, Patience, default);

        result.Should().Be(ScrapeResult.Failed("The collection gave no page: the meter provider is shut down."));
    }

    public void Dispose()
    {
        Release(10);
        _begun.Dispose();
    }

    private ScrapeCoordinator Create(TimeSpan cacheDuration)
    {
        ScrapeCoordinator? coordinator = null;
        return coordinator = new(() =>
        {
            Interlocked.Increment(ref _collections);
            _begun.Release();
            _mayRender.Wait();
            coordinator!.Render(Write);
            _rendered.Release();
            _mayEnd.Wait();
        }, cacheDuration, _time);
    }

    private void Release(int collections = 1)
    {
        _mayRender.Release(collections);
        _mayEnd.Release(collections);
    }

    private static async Task<ScrapePage> PageAsync(ScrapeCoordinator coordinator)
        => (await coordinator.GetAsync(ExpositionFormat.Text, Patience, default)).Page!;

    private static ScrapePage Write(ExpositionFormat format, long collectedAt)
    {
        PageBuffer buffer = new(1000, 0);
        buffer.Append("a 1\n"u8);
        return new(buffer, collectedAt);
    }
}
