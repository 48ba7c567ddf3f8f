using PushPlatform.PushNode.Connections;
using Shouldly;
using Xunit;

namespace PushPlatform.Tests.Unit.PushNode.Connections;

public sealed class TimingWheelTests
{
    private readonly ManualTime _time = new();
    private readonly TimingWheel _wheel;

    public TimingWheelTests() => _wheel = new TimingWheel(_time);

    [Theory]
    [InlineData(100)]
    [InlineData(5_000)]
    [InlineData(25_600)]
    [InlineData(3_600_000)]
    public void Wake_CallsWhenDue_NotBefore_AndAtMostOneTickLater(int milliseconds)
    {
        Entry entry = new();
        TimeSpan due = TimeSpan.FromMilliseconds(milliseconds);
        _wheel.Wake(entry, due);

        Turn(due - TimeSpan.FromMilliseconds(1));
        entry.Calls.ShouldBe(0);
        Turn(TimingWheel.Tick + TimeSpan.FromMilliseconds(1));

        entry.Calls.ShouldBe(1);
    }

    [Fact]
    public void Wake_EarlierThanBefore_Counts_LaterDoesNot()
    {
        Entry entry = new();
        _wheel.Wake(entry, TimeSpan.FromSeconds(10));
        _wheel.Wake(entry, TimeSpan.FromSeconds(1));
        _wheel.Wake(entry, TimeSpan.FromSeconds(20));

        Turn(TimeSpan.FromSeconds(1.2));

        entry.Calls.ShouldBe(1);
        Turn(TimeSpan.FromSeconds(30));
        entry.Calls.ShouldBe(1, "it is on the wheel once");
    }

    [Fact]
    public void OnDue_WithATime_IsCalledAgain()
    {
        Entry entry = new() { Again = TimeSpan.FromSeconds(5) };
        _wheel.Wake(entry, TimeSpan.FromSeconds(5));

        for (int i = 0; i < 520; i++)
        {
            Turn(TimingWheel.Tick);
        }

        entry.Calls.ShouldBe(10, "every 5 seconds and at most a tick");
    }

    [Fact]
    public void Remove_IsForGood_AlsoFromWithinItsCall()
    {
        Entry entry = new() { Again = TimeSpan.FromSeconds(1) };
        entry.Then = () => _wheel.Remove(entry);
        _wheel.Wake(entry, TimeSpan.FromSeconds(1));

        Turn(TimeSpan.FromSeconds(2));
        _wheel.Wake(entry, TimeSpan.FromSeconds(1));
        Turn(TimeSpan.FromSeconds(5));

        entry.Calls.ShouldBe(1);
    }

    [Fact]
    public void Advance_AfterALongPause_MissesNone()
    {
        Entry[] entries = [.. Enumerable.Range(0, 1000).Select(_ => new Entry())];
        for (int i = 0; i < entries.Length; i++)
        {
            _wheel.Wake(entries[i], TimeSpan.FromMilliseconds(137 * i));
        }

        Turn(TimeSpan.FromMinutes(10));

        entries.ShouldAllBe(entry => entry.Calls == 1);
    }

    [Fact]
    public void Advance_OneEntryThrows_TheOthersAreCalled()
    {
        Entry[] entries = [.. Enumerable.Range(0, 20).Select(_ => new Entry())];
        entries[3].Then = () => throw new InvalidOperationException();
        foreach (Entry entry in entries)
        {
            _wheel.Wake(entry, TimeSpan.FromSeconds(1));
        }

        List<Exception> failures = [];
        _time.Pass(TimeSpan.FromSeconds(2));
        _wheel.Advance(failures.Add);

        entries.ShouldAllBe(entry => entry.Calls == 1);
        failures.ShouldHaveSingleItem().ShouldBeOfType<InvalidOperationException>();
    }

    private void Turn(TimeSpan time)
    {
        _time.Pass(time);
        _wheel.Advance(fault => throw fault);
    }

    private sealed class Entry : WheelEntry
    {
        public int Calls { get; private set; }

        public TimeSpan? Again { get; init; }

        public Action? Then { get; set; }

        protected internal override TimeSpan? OnDue()
        {
            Calls++;
            Then?.Invoke();
            return Again;
        }
    }
}
