/** Draws ui.chart(): bars or lines from a plain description, in the colours of the page. */
import { BarChart, LineChart, RadarChart, ScatterChart } from 'echarts/charts'
import { AriaComponent, GridComponent, LegendComponent, RadarComponent, TooltipComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { LabelLayout } from 'echarts/features'
import { CanvasRenderer } from 'echarts/renderers'

use([BarChart, LineChart, RadarChart, ScatterChart, AriaComponent, GridComponent, LegendComponent, RadarComponent, TooltipComponent, LabelLayout, CanvasRenderer])

// Up to so many columns are all named; room beside the columns; the least width of a name, in pixels
const FEW = 8
const MARGIN = 72
const MIN_NAME = 28
const chinese = document.documentElement.lang.startsWith('zh')

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
}

/** Figures in the units of the language: 1.2万 and 3.4亿, or grouped thousands. */
function short(value) {
  if (typeof value !== 'number') return value
  if (!chinese) return value.toLocaleString('en')
  for (const [size, unit] of [[1e8, '亿'], [1e4, '万']]) {
    if (Math.abs(value) >= size) return `${Number((value / size).toFixed(1))}${unit}`
  }
  return String(value)
}

function palette() {
  return [1, 2, 3, 4, 5].map((number) => colour(`series-${number}`))
}

/** The first series stays plain, the next ones get strokes and dots in the colour of the paper. */
function patterns() {
  const stroke = { color: colour('paper'), symbol: 'rect', symbolSize: 1 }
  return [
    { symbol: 'none' },
    { ...stroke, dashArrayX: [1, 0], dashArrayY: [1, 5], rotation: Math.PI / 4 },
    { ...stroke, symbol: 'circle', dashArrayX: [[6, 6], [0, 6, 6, 0]], dashArrayY: [6, 0], symbolSize: 0.4 },
    { ...stroke, dashArrayX: [1, 0], dashArrayY: [1, 5], rotation: -Math.PI / 4 },
    { ...stroke, dashArrayX: [1, 0], dashArrayY: [2, 4] },
  ]
}

/** Names under few columns are broken over lines rather than left out, so that every column is named. */
function underColumns(spec, width) {
  const count = spec.categories.length
  if (spec.horizontal || spec.type === 'line' || !count || count > FEW) return {}
  return { interval: 0, width: Math.max(MIN_NAME, Math.floor((width - MARGIN) / count) - 8), overflow: 'break', hideOverlap: false }
}

function axes(spec, width) {
  const words = { color: colour('ink-2'), fontSize: 13 }
  const category = {
    type: 'category',
    data: spec.categories,
    axisLine: { lineStyle: { color: colour('line-2') } },
    axisTick: { show: false },
    axisLabel: { ...words, hideOverlap: true, ...underColumns(spec, width) },
    inverse: Boolean(spec.horizontal),
  }
  const value = {
    type: 'value',
    min: spec.min,
    max: spec.max,
    // What is counted in whole numbers is not read off at halves
    minInterval: spec.series.every((series) => series.data.every(Number.isInteger)) ? 1 : 0,
    splitNumber: 4,
    splitLine: { lineStyle: { color: colour('line') } },
    axisLabel: { ...words, formatter: short },
  }
  return spec.horizontal ? { xAxis: value, yAxis: category } : { xAxis: category, yAxis: value }
}

function oneSeries(series, spec, last) {
  const line = spec.type === 'line'
  return {
    type: line ? 'line' : 'bar',
    name: series.name,
    data: series.data,
    stack: spec.stack && !line ? 'all' : undefined,
    barMaxWidth: 40,
    symbolSize: 6,
    lineStyle: { width: 2 },
    labelLayout: line ? { moveOverlap: 'shiftY' } : { hideOverlap: true },
    endLabel: line ? { show: true, formatter: '{a}', color: colour('ink-2'), fontSize: 13, lineHeight: 18 } : undefined,
    label: {
      show: !line && (spec.series.length === 1 || (spec.stack && last)),
      position: spec.horizontal ? 'right' : 'top',
      formatter: (point) => short(spec.stack ? total(spec, point.dataIndex) : point.value),
      color: colour('ink-2'),
      fontSize: 13,
    },
  }
}

function total(spec, index) {
  return spec.series.reduce((sum, series) => sum + (series.data[index] ?? 0), 0)
}

function plain(spec, width) {
  const many = spec.series.length > 1
  return {
    grid: { left: 4, right: spec.type === 'line' ? 72 : 24, top: many ? 44 : 24, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    ...axes(spec, width),
    series: spec.series.map((series, index) => oneSeries(series, spec, index === spec.series.length - 1)),
  }
}

function radar(spec) {
  return {
    radar: {
      indicator: spec.categories.map((name) => ({ name, max: spec.max })),
      axisName: { color: colour('ink-2'), fontSize: 13 },
      splitArea: { show: false },
      splitLine: { lineStyle: { color: colour('line') } },
      axisLine: { lineStyle: { color: colour('line') } },
    },
    series: [{ type: 'radar', data: spec.series.map((series) => ({ name: series.name, value: series.data })) }],
  }
}

/** Points in front of a plain pair of value axes: data are [x, y] pairs. */
function scatter(spec) {
  const { xAxis, yAxis } = axes({ ...spec, categories: [] }, 0)
  return {
    grid: plain({ ...spec, type: 'bar' }, 0).grid,
    xAxis: { ...yAxis, type: 'value' },
    yAxis: { ...yAxis, boundaryGap: xAxis.boundaryGap },
    series: spec.series.map((series) => ({ type: 'scatter', name: series.name, data: series.data, symbolSize: 8 })),
  }
}

function option(spec, width) {
  const shapes = { radar, scatter }
  return {
    animation: false,
    color: palette(),
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    // Patterns keep the series apart in grey print and for readers who do not tell the colours apart.
    aria: { enabled: true, label: { enabled: false }, decal: { show: spec.series.length > 1 && spec.type !== 'line', decals: patterns() } },
    legend: spec.series.length > 1 && spec.type !== 'line' ? { left: 0, top: 0, itemWidth: 14, itemHeight: 14, textStyle: { color: colour('ink-2'), fontSize: 13 } } : undefined,
    // Drawn in the canvas: the policy of the page allows no style attributes.
    tooltip: {
      renderMode: 'richText',
      confine: true,
      trigger: spec.type === 'radar' || spec.type === 'scatter' ? 'item' : 'axis',
      backgroundColor: colour('paper'),
      borderColor: colour('line-2'),
      textStyle: { color: colour('ink'), fontSize: 13 },
      valueFormatter: (value) => (typeof value === 'number' ? value.toLocaleString('en') : value),
    },
    ...(shapes[spec.type] ?? plain)(spec, width),
  }
}

function draw(place) {
  const spec = JSON.parse(place.dataset.chart)
  const chart = init(place, null, { renderer: 'canvas' })
  const paint = () => chart.setOption(option(spec, place.clientWidth), true)
  paint()
  new ResizeObserver(() => {
    chart.resize()
    paint()
  }).observe(place)
  document.addEventListener('themechange', paint)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', paint)
}

for (const place of document.querySelectorAll('[data-chart]')) draw(place)
